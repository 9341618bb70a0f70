"""Batches of consumables: taken in from the carton's code, inspected, and named by what they were used for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.queries.person import roles_of
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.batch import (
    BatchKind,
    BatchNotUsable,
    BatchRefused,
    BatchState,
    InspectionFacts,
    end_of_day,
    obstacles_to_inspecting,
    obstacles_to_registering_batch,
    obstacles_to_using,
)
from inventory.domain.gs1 import read_trade_item
from inventory.models.batch import Batch, BatchUse
from inventory.models.donation import Donation
from inventory.queries.batch import lock_batch, lock_batches_to_use


@dataclass(frozen=True, kw_only=True)
class NewBatch:
    """A batch as it came: ``carton`` is the code scanned from it, which fills in what is not typed."""

    kind: BatchKind
    manufacturer: str
    catalogue_number: str
    site: Site
    lot_number: str = ""
    expires_on: date | None = None
    gtin: str = ""
    serial_number: str = ""
    carton: str = ""


@service
def register_batch(new: NewBatch, *, by: Person, at: datetime) -> Batch:
    """Take a batch in; it stands in quarantine until it is inspected.

    Raises ``Gs1Refused`` for a code that cannot be read, ``BatchRefused`` for what is missing, unfit, known already,
    or typed otherwise than the carton says.
    """
    new = _filled(new, today=at.date())
    reasons = obstacles_to_registering_batch(
        new.manufacturer, new.catalogue_number, new.lot_number, new.gtin, new.serial_number
    )
    if new.expires_on is None:
        reasons.append(Reason("The expiry is missing.", "missing", "expires_on"))
    known = Batch.objects.filter(
        manufacturer=new.manufacturer, catalogue_number=new.catalogue_number, lot_number=new.lot_number
    ).first()
    if known is not None:
        reasons.append(Reason(f"This lot was taken in before, as {known.reference}.", "known", "lot_number"))
    if reasons or new.expires_on is None:
        raise BatchRefused("The batch was not taken in.", reasons=reasons)
    batch = Batch.objects.create(
        reference=new_code("BAT"),
        kind=new.kind.value,
        manufacturer=new.manufacturer,
        catalogue_number=new.catalogue_number,
        lot_number=new.lot_number,
        serial_number=new.serial_number,
        gtin=new.gtin,
        site=new.site,
        expires_on=new.expires_on,
        expires_at=end_of_day(new.expires_on, new.site.time_zone),
        received_at=at,
        received_by=by,
    )
    record("batch.registered", subjects=[batch.reference, new.site.code], by=by, at=at, new=_told(batch))
    return batch


@service
def inspect_batch(batch: Batch, *, released: bool, note: str = "", by: Person, at: datetime) -> Batch:
    """Release a batch after incoming inspection, or reject it with the reason. Raises ``BatchRefused``."""
    batch = lock_batch(batch.pk)
    facts = InspectionFacts(
        state=BatchState(batch.state),
        inspected_by=by.username,
        received_by=batch.received_by.username,
        roles=roles_of(by, at),
        released=released,
        note=note,
        is_expired=batch.expires_at <= at,
    )
    if reasons := obstacles_to_inspecting(facts):
        raise BatchRefused(f"{batch.reference} was not inspected.", reasons=reasons)
    old = {"state": batch.state}
    batch.state = (BatchState.RELEASED if released else BatchState.REJECTED).value
    batch.inspected_at, batch.inspected_by, batch.note = at, by, note
    batch.save(update_fields=["state", "inspected_at", "inspected_by", "note"])
    new = {"state": batch.state}
    record("batch.inspected", subjects=[batch.reference], by=by, at=at, reason=note, old=old, new=new)
    return batch


@service
def name_batches_of_collection(
    donations: Sequence[Donation], batch_ids: Collection[int], *, by: Person, at: datetime
) -> list[BatchUse]:
    """Name the batches that donations were collected with. Raises ``BatchNotUsable`` with every one unfit then."""
    facts = lock_batches_to_use(batch_ids)
    reasons = [Reason("A batch named does not exist.", "unknown", "batches")] if set(batch_ids) - set(facts) else []
    for donation in donations:
        instant = _collected(donation)
        reasons += obstacles_to_using(list(facts.values()), from_=instant, until=instant)
    named = set(BatchUse.objects.filter(donation__in=donations).values_list("donation_id", "batch_id"))
    again = [each.code for each in donations if any((each.pk, pk) in named for pk in facts)]
    reasons += [Reason(f"{code} names one of them already.", "named", "batches") for code in again]
    if reasons:
        raise BatchNotUsable("Nothing was recorded.", reasons=dict.fromkeys(reasons))
    codes = sorted(each.code for each in facts.values())
    for donation in donations:
        new = {"donation": donation.code, "batches": codes}
        subjects = [donation.code, *codes]
        record("batch.used", subjects=subjects, by=by, at=at, occurred_at=_collected(donation), new=new)
    return BatchUse.objects.bulk_create(
        BatchUse(batch_id=pk, donation=donation, used_at=_collected(donation)) for donation in donations for pk in facts
    )


def _collected(donation: Donation) -> datetime:
    return donation.collected_at or donation.registered_at


def _filled(new: NewBatch, *, today: date) -> NewBatch:
    if not new.carton:
        return new
    said = read_trade_item(new.carton, today=today)
    carton = {"gtin": said.gtin, "lot_number": said.lot, "expires_on": said.expires_on, "serial_number": said.serial}
    differing = [
        Reason(f"The carton says {value}, and {getattr(new, name)} was typed.", "differs", name)
        for name, value in carton.items()
        if value and getattr(new, name) and getattr(new, name) != value
    ]
    if differing:
        raise BatchRefused("What was typed is not what the carton says.", reasons=differing)
    return replace(new, **{name: value for name, value in carton.items() if value})  # type: ignore[arg-type]


def _told(batch: Batch) -> dict[str, object]:
    fields: Sequence[str] = ("kind", "manufacturer", "catalogue_number", "lot_number", "serial_number", "gtin")
    return {**{name: getattr(batch, name) for name in fields}, "expires_on": batch.expires_on, "state": batch.state}
