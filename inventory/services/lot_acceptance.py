"""Accepting lots: one signature, one acceptance for all vials of a lot."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.acceptance import AcceptanceFacts, NotAcceptable, obstacles_to_accepting
from inventory.domain.lot import about_the_lot
from inventory.domain.unit import UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.queries.acceptance import acceptance_facts
from inventory.queries.background import Background
from inventory.queries.lot import codes_behind_lots, donors_behind_lots, lock_lots, vial_ids_of
from inventory.queries.unit import lock_units
from inventory.services.acceptance import accepted_for, grounds
from inventory.services.unit import change_states

ANEW = "Accepted anew."


@service
def accept_lot(lot: Lot, use: Use, *, credentials: Credentials, by: Person, at: datetime) -> Acceptance:
    """Accept a lot for a use by one signature of quality: every vial of it in quarantine is in stock from then on.

    Vials that came back to quarantine one by one are accepted so again, with the lot judged anew. Raises
    ``NotAcceptable`` with every obstacle, said once where it is the lot's, and ``SignatureRefused`` by the signature.
    """
    lock_donors(donors_behind_lots([lot.pk]))
    (lot,) = lock_lots([lot.pk])
    vials = [unit for unit in lock_units(vial_ids_of([lot.pk])) if unit.state == UnitState.QUARANTINED]
    behind = Background(vials)
    in_force = behind.rulebook.in_force_for(use)
    facts = acceptance_facts(vials, in_force, at=at, behind=behind)
    _check(lot, vials, use, facts)
    codes = [vial.code for vial in vials]
    content = {"lot": lot.code, "vials": codes, **grounds(use, facts[vials[0].pk])}
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.ACCEPT_UNIT
    )
    Acceptance.objects.filter(lot=lot, withdrawn_at__isnull=True).update(withdrawn_at=at, withdrawn_because=ANEW)
    acceptance = Acceptance.objects.create(
        lot=lot,
        use=use.value,
        specification=in_force[lot.product_class],
        signature=signature,
        snapshot_sha256=signature.content_sha256,
        accepted_at=at,
    )
    change_states(vials, accepted_for(use, also=(lot.code,)), behind=behind.codes, by=by, at=at)
    _record(lot, use, signature, codes, by=by, at=at)
    return acceptance


def _check(lot: Lot, vials: Sequence[Unit], use: Use, facts: Mapping[int, AcceptanceFacts]) -> None:
    reasons = about_the_lot(
        lot.code, [obstacles_to_accepting(use, facts[vial.pk]) for vial in vials], [vial.code for vial in vials]
    )
    if not vials:
        reasons.append(Reason(f"{lot.code} has no vial in quarantine.", "state", "lot"))
    if reasons:
        raise NotAcceptable(f"Nothing was accepted for {use.value.replace('_', ' ')}.", reasons=reasons)


def _record(lot: Lot, use: Use, signature: Signature, vials: list[str], *, by: Person, at: datetime) -> None:
    subjects = codes_behind_lots([lot])[lot.pk]
    new = {"use": use, "content_sha256": signature.content_sha256, "vials": vials}
    record("lot.accepted", subjects=subjects, by=by, at=at, new=new)
