"""Processing: what turns parents into children, with lineage and amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.amount import obstacles_to_amounts
from inventory.domain.assay import Subject
from inventory.domain.expiry import expiry_of
from inventory.domain.processing import ParentFacts, ProcessingFacts, ProcessingRefused, obstacles_to_processing
from inventory.domain.sample import SampleRole
from inventory.domain.specification import hours_to_freezing
from inventory.domain.unit import Event, ProductClass, UnitKind, UnitState
from inventory.models.processing import Processing
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.product_code import product_table
from inventory.queries.shipment import in_collection_shipments
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.placement import take_out
from inventory.services.result import NewResult, record_results
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import Change, change_states, record_registered


@dataclass(frozen=True)
class Child:
    """One child: its product code, kind and amount (mL, g, cells), and the samples attached to it or kept."""

    product_code: str
    kind: UnitKind
    taken_ml: Decimal | None = None
    taken_g: Decimal | None = None
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None
    attached: tuple[SampleRole, ...] = ()
    kept: tuple[SampleRole, ...] = ()


@dataclass(frozen=True)
class NewProcessing:
    """One run on one parent: method, times, volumes in mL, additives, freezer run, batches of consumables."""

    parent_id: int
    children: tuple[Child, ...]
    method: str
    started_at: datetime
    operator: Person
    frozen_at: datetime | None = None
    volume_before_ml: Decimal | None = None
    volume_after_ml: Decimal | None = None
    additives: tuple[str, ...] = ()
    freezer_run: str = ""
    batches: tuple[str, ...] = ()


@service
def process_units(news: Sequence[NewProcessing], *, by: Person, at: datetime) -> list[list[Unit]]:
    """Record processings in bulk: each parent is wholly turned into its children, which are quarantined.

    Raises ``ProcessingRefused`` with every obstacle (parent's state, times, amounts beyond the parent's), and
    ``ProductCodeRefused`` for a product code that is none of the bank's.
    """
    parents_ids = [new.parent_id for new in news]
    lock_donors(donors_behind(parents_ids))
    parents = {unit.pk: unit for unit in lock_units(parents_ids)}
    prefetch_related_objects(list(parents.values()), "donation__donor")
    _check(news, parents, at=at)
    runs = Processing.objects.bulk_create([_run(new, at=at) for new in news], batch_size=500)
    made = _make(news, parents, at=at)
    _trace(news, runs, parents, made)
    record_registered([unit for each in made for unit in each], reason="made by processing", by=by, at=at)
    _keep_samples(news, made, by=by, at=at)
    _record_hours(news, parents, made, by=by, at=at)
    for new, run, children in zip(news, runs, made, strict=True):
        _record(run, parents[new.parent_id], children, by=by, at=at)
    take_out(list(parents.values()), reason="Wholly turned into children.", by=by, at=at)
    change_states(
        list(parents.values()),
        Change(
            kind="unit.consumed",
            event=Event.CONSUMED,
            to=UnitState.CONSUMED,
            reason="wholly turned into children by processing",
        ),
        by=by,
        at=at,
    )
    return made


def _check(news: Sequence[NewProcessing], parents: dict[int, Unit], *, at: datetime) -> None:
    _check_parents(news, parents)
    _check_product_codes(news, at=at)
    wanted = [code for new in news for code in _codes(new, parents[new.parent_id])]
    taken = Unit.objects.filter(code__in=wanted).order_by("code").values_list("code", flat=True)
    reasons = [Reason(f"{code} exists already.", "code-taken", "children") for code in taken]
    travelling = in_collection_shipments(unit_ids=list(parents))
    reasons += [
        Reason(f"{code} is packed in {reference} and was not received.", "not-here", "parents")
        for code, reference in sorted(travelling.items())
    ]
    for new in news:
        parent = parents[new.parent_id]
        reasons += [
            Reason(f"{parent.code}: {each.text}", each.code, each.field)
            for each in obstacles_to_processing(_facts(new, parent), at=at)
        ]
        reasons += [each for child in new.children for each in _of_amounts(child, parent)]
    if reasons:
        raise ProcessingRefused("The processing was not recorded.", reasons=reasons)


def _check_parents(news: Sequence[NewProcessing], parents: dict[int, Unit]) -> None:
    """Refuse a parent that is none, or that two runs would wholly turn into children."""
    if any(new.parent_id not in parents for new in news):
        raise ProcessingRefused("A unit named as parent does not exist.", field="parents")
    if len(news) > len(parents):
        raise ProcessingRefused("A unit is wholly turned into children once: name each parent once.", field="parents")


def _check_product_codes(news: Sequence[NewProcessing], *, at: datetime) -> None:
    table = product_table(child.product_code for new in news for child in new.children)
    for new in news:
        for child in new.children:
            table.check(child.product_code, on=at.date())


def _of_amounts(child: Child, parent: Unit) -> list[Reason]:
    code = f"{parent.donation.code}{child.product_code}"
    return obstacles_to_amounts(code, volume_ml=child.volume_ml, mass_g=child.mass_g, tnc=child.tnc)


def _codes(new: NewProcessing, parent: Unit) -> tuple[str, ...]:
    return tuple(f"{parent.donation.code}{child.product_code}" for child in new.children)


def _facts(new: NewProcessing, parent: Unit) -> ProcessingFacts:
    by_volume = parent.volume_ml is not None
    taken = [child.taken_ml if by_volume else child.taken_g for child in new.children]
    return ProcessingFacts(
        parents=(
            ParentFacts(
                code=parent.code,
                state=UnitState(parent.state),
                amount=parent.volume_ml if by_volume else parent.mass_g,
                taken=tuple(each for each in taken if each is not None),
                collected_at=parent.donation.collected_at,
            ),
        ),
        children=_codes(new, parent),
        started_at=new.started_at,
        frozen_at=new.frozen_at,
        volume_before_ml=new.volume_before_ml,
        volume_after_ml=new.volume_after_ml,
    )


def _run(new: NewProcessing, *, at: datetime) -> Processing:
    return Processing(
        reference=new_code("PRC"),
        method=new.method,
        started_at=new.started_at,
        frozen_at=new.frozen_at,
        volume_before_ml=new.volume_before_ml,
        volume_after_ml=new.volume_after_ml,
        additives=list(new.additives),
        freezer_run=new.freezer_run,
        batches=list(new.batches),
        operator=new.operator,
        recorded_at=at,
    )


def _make(news: Sequence[NewProcessing], parents: dict[int, Unit], *, at: datetime) -> list[list[Unit]]:
    made = [[_child(new, child, parents[new.parent_id], at=at) for child in new.children] for new in news]
    Unit.objects.bulk_create([unit for each in made for unit in each], batch_size=500)
    return made


def _child(new: NewProcessing, child: Child, parent: Unit, *, at: datetime) -> Unit:
    expiry = expiry_of(
        child.kind,
        ProductClass(parent.product_class),
        collected_at=parent.donation.collected_at or new.started_at,
        frozen_at=new.frozen_at,
    )
    return Unit(
        code=f"{parent.donation.code}{child.product_code}",
        donation=parent.donation,
        product_code=child.product_code,
        kind=child.kind.value,
        product_class=parent.product_class,
        origin=parent.origin,
        state=UnitState.QUARANTINED.value,
        use="",
        holder=parent.holder,
        volume_ml=child.volume_ml,
        mass_g=child.mass_g,
        tnc=child.tnc,
        expires_at=expiry.at,
        expiry_basis=expiry.basis.value if expiry.basis else "",
        registered_at=at,
    )


def _trace(
    news: Sequence[NewProcessing], runs: Sequence[Processing], parents: dict[int, Unit], made: Sequence[Sequence[Unit]]
) -> None:
    """Write lineage, and hand down every donation behind a parent to its children."""
    behind: dict[int, list[int]] = {}
    for unit_id, donation_id in UnitSource.objects.filter(unit__in=parents).values_list("unit_id", "donation_id"):
        behind.setdefault(unit_id, []).append(donation_id)
    lineage, sources = [], []
    for new, run, children in zip(news, runs, made, strict=True):
        for unit, child in zip(children, new.children, strict=True):
            lineage.append(
                Lineage(
                    parent=parents[new.parent_id],
                    child=unit,
                    processing=run,
                    taken_ml=child.taken_ml,
                    taken_g=child.taken_g,
                )
            )
            sources += [UnitSource(unit=unit, donation_id=each) for each in behind.get(new.parent_id, [])]
    Lineage.objects.bulk_create(lineage, batch_size=500)
    UnitSource.objects.bulk_create(sources, batch_size=500)


def _keep_samples(news: Sequence[NewProcessing], made: Sequence[Sequence[Unit]], *, by: Person, at: datetime) -> None:
    wanted = [
        NewSample(donation=unit.donation, role=role, holder=unit.holder, unit=unit, attached=attached)
        for new, children in zip(news, made, strict=True)
        for unit, child in zip(children, new.children, strict=True)
        for roles, attached in ((child.attached, True), (child.kept, False))
        for role in roles
    ]
    register_samples(wanted, by=by, at=at)


def _record_hours(
    news: Sequence[NewProcessing], parents: dict[int, Unit], made: Sequence[Sequence[Unit]], *, by: Person, at: datetime
) -> None:
    """Enter the hours from collection to freezing, a computed value, as a result of each frozen child."""
    results = [
        NewResult(
            assay="hours_to_freezing",
            subject=Subject.UNIT,
            unit=unit,
            value=f"{hours_to_freezing(collected_at, new.frozen_at):f}",
            method="computed from the times recorded",
        )
        for new, children in zip(news, made, strict=True)
        for unit in children
        if new.frozen_at is not None and (collected_at := parents[new.parent_id].donation.collected_at) is not None
    ]
    record_results(results, by=by, at=at)


def _record(run: Processing, parent: Unit, children: Sequence[Unit], *, by: Person, at: datetime) -> None:
    record(
        "unit.processed",
        subjects=[run.reference, parent.code, parent.donation.code, *(child.code for child in children)],
        by=by,
        at=at,
        occurred_at=run.started_at,
        new={
            "processing": run.reference,
            "method": run.method,
            "started_at": run.started_at,
            "frozen_at": run.frozen_at,
            "volume_before_ml": run.volume_before_ml,
            "volume_after_ml": run.volume_after_ml,
            "additives": run.additives,
            "freezer_run": run.freezer_run,
            "batches": run.batches,
            "operator": run.operator.username,
            "children": [child.code for child in children],
        },
    )
