"""The storage tree: what stands in what, the locks of containers, and the limits that hold for one."""

from collections.abc import Collection, Iterable

from inventory.domain.container import Limit
from inventory.models.container import Container


def lock_containers(container_ids: Iterable[int]) -> list[Container]:
    """Take the row locks of these containers in id order.

    The key is left out of the lock: what refers to a container (a position, another container in it) need not wait.
    """
    return list(
        Container.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=container_ids)
        .select_related("kind", "site")
        .order_by("pk")
    )


def containers_within(container_id: int) -> list[int]:
    """Return the ids of a container and of all that stands in it, in order. Where a container stands never changes."""
    found: set[int] = set()
    level = {container_id}
    while level:
        found |= level
        level = set(Container.objects.filter(parent_id__in=level).values_list("pk", flat=True)) - found
    return sorted(found)


def containers_above(container_ids: Collection[int]) -> dict[int, list[int]]:
    """Return, by id, each container with all that it stands in, itself first."""
    parents: dict[int, int | None] = {}
    level = set(container_ids)
    while level:
        parents |= Container.objects.filter(pk__in=level).values_list("pk", "parent_id")
        level = {parent for parent in parents.values() if parent} - parents.keys()
    return {each: _chain(each, parents) for each in container_ids}


def limit_of(container_id: int) -> Limit:
    """Return the limits that hold for a container: its own kind's, or of the nearest that it stands in and has some."""
    chain = containers_above([container_id])[container_id]
    kinds = {row.pk: row.kind for row in Container.objects.filter(pk__in=chain).select_related("kind")}
    limits = (
        Limit(kind.warmest_celsius, kind.coldest_celsius, kind.minutes_allowed)
        for kind in map(kinds.__getitem__, chain)
    )
    return next((limit for limit in limits if limit.is_set), Limit())


def _chain(container_id: int, parents: dict[int, int | None]) -> list[int]:
    chain: list[int] = []
    each: int | None = container_id
    while each is not None:
        chain.append(each)
        each = parents.get(each)
    return chain
