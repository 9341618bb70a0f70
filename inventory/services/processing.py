"""Processing: what turns parents into children, with lineage and amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch, prefetch_related_objects

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.amount import measured_by, obstacles_to_amounts
from inventory.domain.donation import FOR_ONE_RECIPIENT, DonationPurpose, obstacles_to_collection_type
from inventory.domain.expiry import Expiry, ExpiryBasis, expiry_of
from inventory.domain.processing import ParentFacts, ProcessingFacts, ProcessingRefused, obstacles_to_processing
from inventory.domain.product_code import collection_type_of
from inventory.domain.sample import SampleRole
from inventory.domain.unit import Event, ProductClass, UnitKind, UnitState
from inventory.models.donation import Donation
from inventory.models.processing import Processing
from inventory.models.unit import Unit
from inventory.queries.donation import codes_of, donations_behind
from inventory.queries.journey import open_journeys
from inventory.queries.processing import made_frozen
from inventory.queries.product_code import product_table
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.amount import Drawing, amounts_of, draw
from inventory.services.means import obstacles_to_means, record_means
from inventory.services.placement import take_out
from inventory.services.processing_trace import Made, record_hours, record_processed, trace
from inventory.services.recovery import end_cold_ischaemia
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import Change, change_states, record_registered

Parents = Mapping[int, Unit]
Donations = Mapping[int, Sequence[Donation]]
WHOLLY_TURNED = Change(
    kind="unit.consumed",
    event=Event.CONSUMED,
    to=UnitState.CONSUMED,
    reason="wholly turned into children by processing",
)


@dataclass(frozen=True)
class Child:
    """One child: its product code, kind and amount (mL, g, cells), and the samples attached to it or kept.

    ``product_class`` is its parent's unless it is named.
    """

    product_code: str
    kind: UnitKind
    taken_ml: Decimal | None = None
    taken_g: Decimal | None = None
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None
    attached: tuple[SampleRole, ...] = ()
    kept: tuple[SampleRole, ...] = ()
    product_class: ProductClass | None = None


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was done: method, times, volumes in mL, additives, freezer run, batches of consumables and devices (ids).

    ``stays_frozen`` says that nothing was thawed: what is made keeps its parent's expiry.
    """

    method: str
    started_at: datetime
    operator: Person
    frozen_at: datetime | None = None
    volume_before_ml: Decimal | None = None
    volume_after_ml: Decimal | None = None
    additives: tuple[str, ...] = ()
    freezer_run: str = ""
    stays_frozen: bool = False
    batch_ids: tuple[int, ...] = ()
    equipment_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class NewProcessing(Run):
    """One run on one parent, and the children it was turned into.

    ``lives_on`` says that the parent lives on with what its children did not take of it.
    """

    parent_id: int
    children: tuple[Child, ...]
    lives_on: bool = False


@service
def process_units(news: Sequence[NewProcessing], *, by: Person, at: datetime) -> list[list[Unit]]:
    """Record processings in bulk: each parent is turned into its children, which are quarantined.

    A parent is wholly turned into them, and consumed, unless it ``lives_on`` and something is left of it. Raises
    ``ProcessingRefused`` with every obstacle (parent's state, times, classes, amounts beyond the parent's), and
    ``ProductCodeRefused`` for a product code that is none of the bank's.
    """
    parents_ids = [new.parent_id for new in news]
    lock_donors(donors_behind(parents_ids))
    parents = {unit.pk: unit for unit in lock_units(parents_ids)}
    prefetch_related_objects(list(parents.values()), Prefetch("donation", Donation.objects.select_related("donor")))
    behind = donations_behind(parents)
    _check(news, parents, behind, at=at)
    runs = Processing.objects.bulk_create([run_of(new, at=at) for new in news], batch_size=500)
    made = [
        Made(run, parents[new.parent_id], tuple(units), tuple((each.taken_ml, each.taken_g) for each in new.children))
        for new, run, units in zip(news, runs, _make(news, parents, at=at), strict=True)
    ]
    trace(made, behind)
    codes = codes_of(behind)
    children = {unit: codes[each.parent.pk] for each in made for unit in each.children}
    handed_down = {unit.pk: named for unit, named in children.items()}
    record_registered(children, reason="made by processing", by=by, at=at, behind=handed_down)
    _keep_samples(news, made, by=by, at=at)
    record_hours(made, by=by, at=at)
    end_cold_ischaemia([(each.parent, each.run.started_at) for each in made], by=by, at=at)
    record_processed(made, by=by, at=at)
    record_means(dict(zip(runs, news, strict=True)), by=by, at=at)
    used_up = _draw(news, made, by=by, at=at)
    take_out(used_up, reason="Wholly turned into children.", behind=codes, by=by, at=at)
    change_states(used_up, WHOLLY_TURNED, behind=codes, by=by, at=at)
    return [list(each.children) for each in made]


def _draw(news: Sequence[NewProcessing], made: Sequence[Made], *, by: Person, at: datetime) -> list[Unit]:
    """Write what is left of the parents that live on; return those of which nothing is left to live on."""
    drawings, used_up = {}, []
    frozen = made_frozen([each.parent.pk for new, each in zip(news, made, strict=True) if new.lives_on])
    for new, each in zip(news, made, strict=True):
        amount = measured_by(amounts_of(each.parent))
        taken = sum((part for part in _taken(new, each.parent) if part is not None), Decimal(0))
        if not new.lives_on or amount == taken:
            used_up.append(each.parent)
            continue
        thaws = each.parent.pk in frozen and not new.stays_frozen
        drawings[each.run.reference] = Drawing(each.parent, taken, thaws=thaws)
    draw(drawings, by=by, at=at)
    return used_up


def _check(news: Sequence[NewProcessing], parents: Parents, behind: Donations, *, at: datetime) -> None:
    _check_parents(news, parents)
    _check_product_codes(news, parents, behind, at=at)
    wanted = [code for new in news for code in _codes(new, parents[new.parent_id])]
    taken = Unit.objects.filter(code__in=wanted).order_by("code").values_list("code", flat=True)
    reasons = [Reason(f"{code} exists already.", "code-taken", "children") for code in taken]
    travelling = open_journeys(unit_ids=list(parents))
    reasons += [
        Reason(f"{code} is packed in {reference} and was not received.", "not-here", "parents")
        for code, reference in sorted(travelling.items())
    ]
    reasons += obstacles_to_means(news)
    for new in news:
        parent = parents[new.parent_id]
        reasons += [
            Reason(f"{parent.code}: {each.text}", each.code, each.field)
            for each in obstacles_to_processing(_facts(new, parent), at=at)
        ]
        reasons += [each for child in new.children for each in _of_amounts(child, parent)]
    if reasons:
        raise ProcessingRefused("The processing was not recorded.", reasons=reasons)


def _check_parents(news: Sequence[NewProcessing], parents: Parents) -> None:
    """Refuse a parent that is none, or that two runs would wholly turn into children."""
    if any(new.parent_id not in parents for new in news):
        raise ProcessingRefused("A unit named as parent does not exist.", field="parents")
    if len(news) > len(parents):
        raise ProcessingRefused("A unit is wholly turned into children once: name each parent once.", field="parents")


def _check_product_codes(news: Sequence[NewProcessing], parents: Parents, behind: Donations, *, at: datetime) -> None:
    table = product_table(child.product_code for new in news for child in new.children)
    reasons: list[Reason] = []
    for new in news:
        made_from = collection_type_of(parents[new.parent_id].product_code) or ""
        purposes = {DonationPurpose(each.purpose) for each in behind[new.parent_id]}
        for child in new.children:
            collection_type = table.check(child.product_code, on=at.date()).collection_type
            reasons += obstacles_to_collection_type(child.product_code, collection_type, purposes, made_from=made_from)
    if reasons:
        raise ProcessingRefused("The processing was not recorded.", reasons=reasons)


def _of_amounts(child: Child, parent: Unit) -> list[Reason]:
    code = f"{parent.donation.code}{child.product_code}"
    return obstacles_to_amounts(code, volume_ml=child.volume_ml, mass_g=child.mass_g, tnc=child.tnc)


def _codes(new: NewProcessing, parent: Unit) -> tuple[str, ...]:
    return tuple(f"{parent.donation.code}{child.product_code}" for child in new.children)


def _facts(new: NewProcessing, parent: Unit) -> ProcessingFacts:
    own = ProductClass(parent.product_class)
    return ProcessingFacts(
        parents=(
            ParentFacts(
                code=parent.code,
                state=UnitState(parent.state),
                amount=measured_by(amounts_of(parent)),
                taken=_taken(new, parent),
                collected_at=parent.donation.collected_at,
                lives_on=new.lives_on,
                thawed=parent.thawed,
                product_class=own,
                makes=tuple(child.product_class or own for child in new.children),
            ),
        ),
        children=_codes(new, parent),
        started_at=new.started_at,
        frozen_at=new.frozen_at,
        volume_before_ml=new.volume_before_ml,
        volume_after_ml=new.volume_after_ml,
        stays_frozen=new.stays_frozen,
    )


def _taken(new: NewProcessing, parent: Unit) -> tuple[Decimal | None, ...]:
    """Return what each child takes of the parent, by the parent's volume where it has one, else by its mass."""
    return tuple(child.taken_g if parent.volume_ml is None else child.taken_ml for child in new.children)


def run_of(new: Run, *, at: datetime) -> Processing:
    """Return the row of a run, not saved."""
    return Processing(
        reference=new_code("PRC"),
        method=new.method,
        started_at=new.started_at,
        frozen_at=new.frozen_at,
        volume_before_ml=new.volume_before_ml,
        volume_after_ml=new.volume_after_ml,
        additives=list(new.additives),
        freezer_run=new.freezer_run,
        stays_frozen=new.stays_frozen,
        operator=new.operator,
        recorded_at=at,
    )


def _make(news: Sequence[NewProcessing], parents: dict[int, Unit], *, at: datetime) -> list[list[Unit]]:
    made = [[_child(new, child, parents[new.parent_id], at=at) for child in new.children] for new in news]
    Unit.objects.bulk_create([unit for each in made for unit in each], batch_size=500)
    return made


def _child(new: NewProcessing, child: Child, parent: Unit, *, at: datetime) -> Unit:
    product_class = child.product_class or ProductClass(parent.product_class)
    expiry = _expiry_of(new, child, parent, product_class)
    return Unit(
        code=f"{parent.donation.code}{child.product_code}",
        donation=parent.donation,
        product_code=child.product_code,
        kind=child.kind.value,
        product_class=product_class.value,
        origin=parent.origin,
        state=UnitState.QUARANTINED.value,
        use="",
        holder=parent.holder,
        volume_ml=child.volume_ml,
        mass_g=child.mass_g,
        tnc=child.tnc,
        expires_at=expiry.at,
        expiry_basis=expiry.basis.value if expiry.basis else "",
        thawed=parent.thawed,
        registered_at=at,
    )


def _expiry_of(new: NewProcessing, child: Child, parent: Unit, product_class: ProductClass) -> Expiry:
    if new.stays_frozen:
        return Expiry(ExpiryBasis(parent.expiry_basis) if parent.expiry_basis else None, parent.expires_at)
    return expiry_of(
        child.kind,
        product_class,
        collected_at=parent.donation.collected_at or new.started_at,
        frozen_at=new.frozen_at,
        for_one_recipient=parent.donation.purpose in FOR_ONE_RECIPIENT,
    )


def _keep_samples(news: Sequence[NewProcessing], made: Sequence[Made], *, by: Person, at: datetime) -> None:
    wanted = [
        NewSample(donation=unit.donation, role=role, holder=unit.holder, unit=unit, attached=attached)
        for new, each in zip(news, made, strict=True)
        for unit, child in zip(each.children, new.children, strict=True)
        for roles, attached in ((child.attached, True), (child.kept, False))
        for role in roles
    ]
    register_samples(wanted, by=by, at=at)
