"""Extending the expiry of a unit or a lot: quality's signature over new evidence of its stability."""

from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.extension import Document, ExtensionFacts, check_extending
from inventory.domain.lot import RecordOnTheLot
from inventory.domain.unit import ProductClass
from inventory.models.extension import ExpiryExtension
from inventory.models.lot import Lot
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.extension import assigned_at, is_here, result_evidence
from inventory.queries.gate_facts import expiry_of
from inventory.queries.lot import codes_behind_lots, donors_behind_lots, lock_lots
from inventory.queries.result import lock_results
from inventory.queries.unit import donors_behind, lock_unit, with_codes_behind


@dataclass(frozen=True)
class NewExtension:
    """Until when, why, and what shows that it keeps so long: a result by id, or a document."""

    until: datetime
    reason: str
    result_id: int | None = None
    document: Document | None = None


@service
def extend_expiry(
    thing: Unit | Lot, new: NewExtension, *, credentials: Credentials, by: Person, at: datetime
) -> ExpiryExtension:
    """Extend the expiry that was assigned to a unit or to a lot with all its vials, by quality's signature.

    Raises ``ExtensionRefused`` with everything that stands against it, ``RecordOnTheLot`` for a vial of one, and
    ``SignatureRefused`` by the signature.
    """
    _lock_donors(thing)
    result = _result(new)
    thing = lock_lots([thing.pk])[0] if isinstance(thing, Lot) else lock_unit(thing.pk)
    facts = ExtensionFacts(
        product_class=ProductClass(thing.product_class),
        expiry=expiry_of(thing),
        assigned_at=assigned_at(thing),
        is_here=is_here(thing),
        until=new.until,
        reason=new.reason,
        result=result_evidence(result, thing) if result else None,
        document=new.document,
    )
    expired_at = check_extending(facts, at=at)
    signature = sign(
        _content(thing, new, result),
        meaning=Meaning.APPROVED,
        credentials=credentials,
        by=by,
        at=at,
        permission=Permission.EXTEND_EXPIRY,
    )
    extension = _written(thing, new, result, signature, expired_at=expired_at, at=at)
    _record(extension, thing, by=by, at=at)
    return extension


def _lock_donors(thing: Unit | Lot) -> None:
    """Lock whoever is behind it; refuse a vial, whose expiry is its lot's."""
    if isinstance(thing, Unit) and thing.lot is not None:
        reason = Reason(f"{thing.code} expires with {thing.lot.code}, never alone.", "on-the-lot")
        raise RecordOnTheLot("The expiry was not extended.", reasons=[reason])
    lock_donors(donors_behind_lots([thing.pk]) if isinstance(thing, Lot) else donors_behind([thing.pk]))


def _result(new: NewExtension) -> Result | None:
    found = lock_results([new.result_id]) if new.result_id is not None else []
    return found[0] if found else None


def _content(thing: Unit | Lot, new: NewExtension, result: Result | None) -> dict[str, object]:
    evidence: dict[str, object] = {}
    if result is not None:
        evidence = {"result": result.pk, "assay": result.assay, "number": result.number, "text": result.text}
    elif new.document is not None:
        evidence = dict(vars(new.document))
    return {
        "expiry_of": thing.code,
        "basis": thing.expiry_basis,
        "expires_at": thing.expires_at,
        "until": new.until,
        "reason": new.reason,
        "evidence": evidence,
    }


def _written(
    thing: Unit | Lot,
    new: NewExtension,
    result: Result | None,
    signature: Signature,
    *,
    expired_at: datetime,
    at: datetime,
) -> ExpiryExtension:
    of_this = {"unit": thing} if isinstance(thing, Unit) else {"lot": thing}
    extension = ExpiryExtension.objects.create(
        **of_this,
        reference=new_code("EXT"),
        expired_at=expired_at,
        expires_at=new.until,
        expiry_basis=thing.expiry_basis,
        reason=new.reason,
        result=result,
        document=new.document.name if new.document else "",
        document_date=new.document.dated if new.document else None,
        document_sha256=new.document.sha256 if new.document else "",
        signature=signature,
        extended_at=at,
    )
    thing.expires_at = new.until
    thing.save(update_fields=["expires_at"])
    return extension


def _record(extension: ExpiryExtension, thing: Unit | Lot, *, by: Person, at: datetime) -> None:
    if isinstance(thing, Lot):
        subjects = [*codes_behind_lots([thing])[thing.pk]]
    else:
        subjects = [thing.code, *with_codes_behind([thing])[thing.pk]]
    record(
        "expiry.extended",
        subjects=[extension.reference, *subjects],
        by=by,
        at=at,
        reason=extension.reason,
        old={"basis": extension.expiry_basis, "expires_at": extension.expired_at},
        new={
            "basis": extension.expiry_basis,
            "expires_at": extension.expires_at,
            "result": extension.result_id,
            "document_sha256": extension.document_sha256,
            "content_sha256": extension.signature.content_sha256,
        },
    )
