"""Assigning anew the expiry that followed by policy from times that were corrected: a unit's own, or a whole lot's."""

from collections.abc import Collection, Mapping
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from inventory.domain.correctable import Fact
from inventory.domain.donation import FOR_ONE_RECIPIENT
from inventory.domain.expiry import Expiry, expiry_of
from inventory.domain.unit import ProductClass, UnitKind
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.processing import Processing
from inventory.models.unit import Unit
from inventory.queries.ancestry import steps_above
from inventory.queries.correction import Target
from inventory.queries.gate_facts import expiry_of as expiry_decided
from inventory.queries.lot import codes_behind_lots, donations_behind_lots
from inventory.queries.unit import with_codes_behind

TIMED = frozenset({"source", "collected_at", "started_at", "frozen_at"})
Policies = list[tuple[Unit | Lot, Expiry]]


def policy_expiries(fact: Fact, target: Target) -> dict[str, Expiry]:
    """Return, by the code of a unit or lot, the expiry that follows by policy from the times as they are now."""
    return {thing.code: expiry for thing, expiry in _by_policy(target)} if fact.field in TIMED else {}


def renew_expiries(target: Target, before: Mapping[str, Expiry], *, because: str, by: Person, at: datetime) -> None:
    """Assign the new expiry where the old one was the policy's own; a decision of somebody's stays."""
    renewed = []
    for thing, new in _by_policy(target):
        old = expiry_decided(thing)
        if before.get(thing.code) == old != new:
            thing.expires_at, thing.expiry_basis = new.at, new.basis.value if new.basis else ""
            thing.save(update_fields=["expires_at", "expiry_basis"])
            renewed.append((thing, old, new))
    units = with_codes_behind([thing for thing, _, _ in renewed if isinstance(thing, Unit)])
    lots = codes_behind_lots([thing for thing, _, _ in renewed if isinstance(thing, Lot)])
    for thing, old, new in renewed:
        behind = units[thing.pk] if isinstance(thing, Unit) else lots[thing.pk]
        record(
            "expiry.assigned",
            subjects=list(dict.fromkeys([thing.code, *behind])),
            by=by,
            at=at,
            reason=because,
            old={"basis": old.basis, "expires_at": old.at},
            new={"basis": new.basis, "expires_at": new.at},
        )


def _by_policy(target: Target) -> Policies:
    """Return the units and lots behind which the times lie; a vial expires with its lot."""
    units = list(
        Unit.objects.filter(pk__in=target.unit_ids, lot__isnull=True).select_related("donation").order_by("pk")
    )
    lots = list(Lot.objects.filter(vials__in=target.unit_ids).distinct().select_related("processing").order_by("pk"))
    runs, donations = _runs_of([unit.pk for unit in units]), donations_behind_lots([lot.pk for lot in lots])
    return [
        *((unit, _policy(unit, runs[unit.pk], [unit.donation])) for unit in units if unit.pk in runs),
        *((lot, _policy(lot, lot.processing, donations[lot.pk])) for lot in lots),
    ]


def _policy(thing: Unit | Lot, run: Processing, donations: Collection[Donation]) -> Expiry:
    collected = [each.collected_at for each in donations if each.collected_at is not None]
    return expiry_of(
        UnitKind(thing.kind) if isinstance(thing, Unit) else UnitKind.VIAL,
        ProductClass(thing.product_class),
        collected_at=min(collected, default=run.started_at),
        frozen_at=run.frozen_at,
        for_one_recipient=any(each.purpose in FOR_ONE_RECIPIENT for each in donations),
    )


def _runs_of(unit_ids: Collection[int]) -> dict[int, Processing]:
    """Return, by id, the run whose times a unit expires by: that of its parent, where it was divided in the cold."""
    steps = steps_above(unit_ids).filter(processing__isnull=False).select_related("processing").order_by("pk")
    made = {step.child_id: step for step in steps}
    found: dict[int, Processing] = {}
    for unit_id in unit_ids:
        step = made.get(unit_id)
        while step is not None and step.processing and step.processing.stays_frozen and step.parent_id in made:
            step = made[step.parent_id]
        if step is not None and step.processing is not None:
            found[unit_id] = step.processing
    return found
