"""Accepting units for a use by signature, and taking an acceptance back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.acceptance import AcceptanceFacts, NotAcceptable, obstacles_to_accepting
from inventory.domain.unit import Event, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.unit import Unit
from inventory.queries.acceptance import acceptance_facts
from inventory.queries.specification import specifications_in_force
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.unit import Change, change_states


@service
def accept_units(
    unit_ids: Sequence[int], use: Use, *, credentials: Credentials, by: Person, at: datetime
) -> list[Acceptance]:
    """Accept quarantined units for a use by one signature of quality over all of them, all or nothing.

    Raises ``NotAcceptable`` with every obstacle of every unit, ``SignatureRefused`` by the signature.
    """
    lock_donors(donors_behind(unit_ids))
    units = lock_units(unit_ids)
    in_force = {
        product_class: each for (product_class, for_use), each in specifications_in_force().items() if for_use == use
    }
    facts = acceptance_facts(units, in_force, at=at)
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
    change = Change(
        kind="unit.accepted",
        event=Event.ACCEPTED,
        to=UnitState.AVAILABLE,
        reason=f"accepted for {use.value.replace('_', ' ')}",
        fields={"use": use.value},
    )
    change_states(units, change, by=by, at=at)
    return acceptances


def withdraw_acceptance(
    units: Sequence[Unit], *, reason: str, by: Person, at: datetime, also: Sequence[str] = ()
) -> None:
    """Take the acceptance of locked units back: they are quarantined, and what was promised of them is void already."""
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


def snapshot(unit: Unit, use: Use, facts: AcceptanceFacts) -> Mapping[str, object]:
    """Return what is signed of one unit: the use, the specification, and the results it was judged by."""
    return {
        "unit": unit.code,
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
