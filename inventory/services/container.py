"""Building the storage tree: kinds of container, containers, and the positions that exist in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.container import Grid, LabelStyle, Limit, check_limit
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass
from inventory.models.container import Container, ContainerKind, Position


class ContainerRefused(RuleViolation):
    """A container cannot stand there, or its code is taken."""

    code = "container-refused"
    title = "The container was not registered"
    mend = "Choose another code or another place for the container."


@dataclass(frozen=True)
class NewContainerKind:
    """A kind of container: its level of the tree, its grid (or capacity) and the products and sample roles it holds.

    ``minutes_allowed`` is how long it may be beyond its warmest or coldest before what is inside is held.
    """

    name: str
    level: str
    grid: Grid
    accepts: tuple[ProductClass | SampleRole, ...] = ()
    warmest_celsius: Decimal | None = None
    coldest_celsius: Decimal | None = None
    minutes_allowed: int = 0


@dataclass(frozen=True)
class NewContainer:
    """A container of a kind, at a site, standing in ``parent`` or in the site itself."""

    code: str
    kind: ContainerKind
    site: Site
    parent: Container | None = None


@service
def register_container_kind(new: NewContainerKind, *, by: Person, at: datetime) -> ContainerKind:
    """Write a kind of container and record it.

    Raises ``ContainerRefused`` for a name that is taken, ``LimitRefused`` for limits that cannot be.
    """
    check_limit(Limit(new.warmest_celsius, new.coldest_celsius, new.minutes_allowed))
    if ContainerKind.objects.filter(name=new.name).exists():
        raise ContainerRefused(f"A kind of container {new.name} exists already.", field="name")
    kind = ContainerKind.objects.create(
        name=new.name,
        level=new.level,
        rows=new.grid.rows,
        columns=new.grid.columns,
        row_labels=new.grid.row_labels.value,
        column_labels=new.grid.column_labels.value,
        capacity=new.grid.capacity,
        accepts=[each.value for each in new.accepts],
        warmest_celsius=new.warmest_celsius,
        coldest_celsius=new.coldest_celsius,
        minutes_allowed=new.minutes_allowed,
    )
    limits = {"warmest": new.warmest_celsius, "coldest": new.coldest_celsius, "minutes": new.minutes_allowed}
    record(
        "container.registered",
        subjects=[new.name],
        by=by,
        at=at,
        new={"kind": new.name, "level": new.level, **limits},
    )
    return kind


@service
def register_containers(news: Sequence[NewContainer], *, by: Person, at: datetime) -> list[Container]:
    """Write containers with every position of their grids, and record each.

    Raises ``ContainerRefused`` where a code is taken or a container would stand at another site than its parent.
    """
    taken = set(Container.objects.filter(code__in=[new.code for new in news]).values_list("code", flat=True))
    for new in news:
        _check(new, taken)
    containers = Container.objects.bulk_create(
        Container(code=new.code, kind=new.kind, site=new.site, parent=new.parent, registered_at=at) for new in news
    )
    Position.objects.bulk_create(
        (position for container in containers for position in _positions(container)), batch_size=2000
    )
    for container in containers:
        record(
            "container.registered",
            subjects=[container.code, container.site.code],
            by=by,
            at=at,
            new={"kind": container.kind.name, "parent": container.parent.code if container.parent else ""},
        )
    return containers


def grid_of(kind: ContainerKind) -> Grid:
    """Return the grid that a kind's columns describe."""
    return Grid(
        rows=kind.rows,
        columns=kind.columns,
        row_labels=LabelStyle(kind.row_labels),
        column_labels=LabelStyle(kind.column_labels),
        capacity=kind.capacity,
    )


def _check(new: NewContainer, taken: set[str]) -> None:
    if new.code in taken:
        raise ContainerRefused(f"A container {new.code} exists already.", field="code")
    if new.parent is not None and new.parent.site_id != new.site.pk:
        raise ContainerRefused(
            f"{new.code} cannot stand in {new.parent.code}: that is at another site.", field="parent"
        )
    taken.add(new.code)


def _positions(container: Container) -> list[Position]:
    return [
        Position(container=container, label=label, row=at.row, column=at.column, code=f"{container.code}-{label}")
        for label, at in grid_of(container.kind).labels()
    ]
