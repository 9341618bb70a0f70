"""Accepting units for a use by signature, and taking an acceptance back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.acceptance import AcceptanceFacts, NotAcceptable, obstacles_to_accepting
from inventory.domain.lot import RecordOnTheLot
from inventory.domain.unit import Event, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.unit import Unit
from inventory.queries.acceptance import acceptance_facts
from inventory.queries.background import Background
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.unit import Change, change_states

# Where a vial is while its lot's acceptance stands for it.
IN_STOCK = (UnitState.AVAILABLE, UnitState.RESERVED, UnitState.RELEASED)


@service
def accept_units(
    unit_ids: Sequence[int], use: Use, *, credentials: Credentials, by: Person, at: datetime
) -> list[Acceptance]:
    """Accept quarantined units for a use by one signature of quality over all of them, all or nothing.

    Raises ``NotAcceptable`` with every obstacle of every unit, ``RecordOnTheLot`` for a vial of one, and
    ``SignatureRefused`` by the signature.
    """
    lock_donors(donors_behind(unit_ids))
    units = lock_units(unit_ids)
    _check_no_vials(units)
    behind = Background(units)
    in_force = behind.rulebook.in_force_for(use)
    facts = acceptance_facts(units, in_force, at=at, behind=behind)
    _check(unit_ids, units, use, facts)
    content = [snapshot(unit, use, facts[unit.pk]) for unit in units]
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.ACCEPT_UNIT
    )
    acceptances = Acceptance.objects.bulk_create(
        Acceptance(
            unit=unit,
            use=use.value,
            specification=in_force[unit.product_class],
            signature=signature,
            snapshot_sha256=signature.content_sha256,
            accepted_at=at,
        )
        for unit in units
    )
    change_states(units, accepted_for(use), behind=behind.codes, by=by, at=at)
    return acceptances


def accepted_for(use: Use, *, also: tuple[str, ...] = ()) -> Change:
    """Return what acceptance for a use does to a unit."""
    return Change(
        kind="unit.accepted",
        event=Event.ACCEPTED,
        to=UnitState.AVAILABLE,
        reason=f"accepted for {use.value.replace('_', ' ')}",
        also=also,
        fields={"use": use.value},
    )


def withdraw_acceptance(
    units: Sequence[Unit], *, reason: str, by: Person, at: datetime, also: Sequence[str] = ()
) -> None:
    """Take the acceptance of locked units back: they are quarantined, and what was promised of them is void already.

    The acceptance of a lot ends with that of the last vial it has in stock.
    """
    if not units:
        return
    standing = Acceptance.objects.filter(unit__in=units, withdrawn_at__isnull=True)
    standing.update(withdrawn_at=at, withdrawn_because=reason[:500])
    change = Change(
        kind="acceptance.withdrawn",
        event=Event.ACCEPTANCE_WITHDRAWN,
        to=UnitState.QUARANTINED,
        reason=reason,
        also=tuple(also),
        fields={"use": ""},
    )
    change_states(units, change, by=by, at=at)
    _withdraw_with_the_last_vial(units, reason=reason, by=by, at=at)


def _withdraw_with_the_last_vial(units: Sequence[Unit], *, reason: str, by: Person, at: datetime) -> None:
    lots = {unit.lot_id for unit in units if unit.lot_id is not None}
    in_stock = set(Unit.objects.filter(lot_id__in=lots, state__in=IN_STOCK).values_list("lot_id", flat=True))
    standing = Acceptance.objects.filter(lot_id__in=lots - in_stock, withdrawn_at__isnull=True).select_related("lot")
    for acceptance in standing:
        subjects = [acceptance.lot.code] if acceptance.lot else []
        record("acceptance.withdrawn", subjects=subjects, by=by, at=at, reason=reason, old={"use": acceptance.use})
    standing.update(withdrawn_at=at, withdrawn_because=reason[:500])


def snapshot(unit: Unit, use: Use, facts: AcceptanceFacts) -> Mapping[str, object]:
    """Return what is signed of one unit: the use, the specification, and the results it was judged by."""
    return {"unit": unit.code, **grounds(use, facts)}


def grounds(use: Use, facts: AcceptanceFacts) -> dict[str, object]:
    """Return what an acceptance rests on, whatever is accepted."""
    return {
        "use": use,
        "specification": facts.specification,
        "measurements": [
            {
                "result": each.reference,
                "assay": each.assay,
                "number": each.number,
                "text": each.text,
                "qualifier": each.qualifier,
                "verified": each.verified,
            }
            for each in facts.measurements
        ],
        "determinations": [each.code for each in facts.determinations if each is not None],
        "samples": {role.value: count for role, count in sorted(facts.samples.items())},
    }


def _check_no_vials(units: Sequence[Unit]) -> None:
    lots = {vial.code: lot.code for vial in units for lot in [vial.lot] if lot is not None}
    if lots:
        reasons = [Reason(f"{vial} is accepted with {lot}, never alone.", "on-the-lot") for vial, lot in lots.items()]
        raise RecordOnTheLot("Nothing was accepted.", reasons=reasons)


def _check(unit_ids: Sequence[int], units: Sequence[Unit], use: Use, facts: Mapping[int, AcceptanceFacts]) -> None:
    reasons = [
        Reason(f"{unit.code}: {reason.text}", reason.code, reason.field)
        for unit in units
        for reason in obstacles_to_accepting(use, facts[unit.pk])
    ]
    if len(units) != len(set(unit_ids)):
        reasons.append(Reason("A unit named does not exist.", "unknown", "units"))
    if reasons or not units:
        raise NotAcceptable(f"Nothing was accepted for {use.value.replace('_', ' ')}.", reasons=reasons)
