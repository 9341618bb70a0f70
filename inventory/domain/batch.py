"""Batches of consumables: what a carton must say, who inspects it, and when it may be used."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.role import Permission, Role, permissions_of
from biobank.domain.text import obstacles_to_text
from inventory.domain.gs1 import check_gtin


class BatchKind(StrEnum):
    COLLECTION_BAG_SET = "collection_bag_set"
    FREEZING_BAG = "freezing_bag"
    CRYOVIAL = "cryovial"
    DMSO = "dmso"
    HES = "hes"
    DENSITY_MEDIUM = "density_medium"
    DEXTRAN_ALBUMIN = "dextran_albumin"
    CULTURE_MEDIUM = "culture_medium"
    ENZYME = "enzyme"
    PERFUSION_SOLUTION = "perfusion_solution"
    PROCESSING_SET = "processing_set"
    TEST_KIT = "test_kit"
    OTHER = "other"


class BatchState(StrEnum):
    QUARANTINED = "quarantined"
    RELEASED = "released"
    REJECTED = "rejected"


LONGEST = {"manufacturer": 120, "catalogue_number": 64, "lot_number": 64}
LONGEST_NOTE = 500


class BatchRefused(RuleViolation):
    code = "batch-refused"
    title = "The batch stays as it is"
    mend = "Correct what is named; nothing was saved."


class BatchNotUsable(RuleViolation):
    """A batch or a device named was not fit for use when it was used."""

    code = "batch-not-usable"
    title = "A batch or device cannot have been used"
    mend = (
        "Name what was really used; when it was this one, record the run without it and open a deviation. "
        "Nothing was saved."
    )


@dataclass(frozen=True)
class BatchFacts:
    """One batch by its code: its state, when it was released, and the instant from which it is no longer good."""

    code: str
    state: BatchState
    expires_at: datetime
    inspected_at: datetime | None = None


@dataclass(frozen=True)
class InspectionFacts:
    """Who inspects what came in, who took it in, and what was found."""

    state: BatchState
    inspected_by: str
    received_by: str
    roles: Collection[Role]
    released: bool
    note: str = ""
    is_expired: bool = False


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the first instant at which something good until the end of a day there is no longer good."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(time_zone))


def obstacles_to_registering_batch(
    manufacturer: str, catalogue_number: str, lot_number: str, gtin: str, serial_number: str
) -> list[Reason]:
    """Return everything unfit about the description of a batch."""
    values = {"manufacturer": manufacturer, "catalogue_number": catalogue_number, "lot_number": lot_number}
    reasons = [
        each
        for field, longest in LONGEST.items()
        for each in obstacles_to_text(values[field], field, longest=longest, needed=True)
    ]
    reasons += obstacles_to_text(serial_number, "serial_number", longest=20)
    if gtin:
        try:
            check_gtin(gtin)
        except RuleViolation as refusal:
            reasons.append(Reason(refusal.message, "gtin", "gtin"))
    return reasons


def obstacles_to_inspecting(facts: InspectionFacts) -> list[Reason]:
    """Return why this inspection cannot be recorded: by quality, by another person than took it in, once."""
    reasons = []
    if facts.state is not BatchState.QUARANTINED:
        reasons.append(Reason(f"The batch is {facts.state.value} already.", "inspected"))
    if Permission.INSPECT_BATCH not in permissions_of(facts.roles):
        reasons.append(Reason("Only quality inspects what came in.", "not-quality"))
    if facts.inspected_by == facts.received_by:
        reasons.append(Reason("The person who took a batch in does not release it.", "same-person"))
    if facts.released and facts.is_expired:
        reasons.append(Reason("The batch has expired.", "expired"))
    reasons += obstacles_to_text(facts.note, "note", longest=LONGEST_NOTE, needed=not facts.released)
    return reasons


def obstacles_to_rejecting(state: BatchState, roles: Collection[Role], reason: str) -> list[Reason]:
    """Return why a batch that was released cannot be rejected after all: by quality, with the reason, once."""
    reasons = []
    if state is BatchState.QUARANTINED:
        reasons.append(Reason("The batch was not released: its inspection rejects it.", "uninspected"))
    if state is BatchState.REJECTED:
        reasons.append(Reason("The batch is rejected already.", "rejected"))
    if Permission.INSPECT_BATCH not in permissions_of(roles):
        reasons.append(Reason("Only quality rejects what was released.", "not-quality"))
    return [*reasons, *obstacles_to_text(reason, "reason", longest=LONGEST_NOTE, needed=True)]


def obstacles_to_using(batches: Sequence[BatchFacts], *, from_: datetime, until: datetime) -> list[Reason]:
    """Return which batches could not be used in that time: not released when it began, or expired before its end.

    The instant of expiry is past.
    """
    reasons = []
    for batch in batches:
        released = batch.state is BatchState.RELEASED and batch.inspected_at is not None
        if not released or (batch.inspected_at is not None and batch.inspected_at > from_):
            what = "was rejected" if batch.state is BatchState.REJECTED else "was not released when it was used"
            reasons.append(Reason(f"{batch.code} {what}.", "batch-unreleased", "batches"))
        if batch.expires_at <= until:
            when = f"{batch.expires_at:%Y-%m-%d %H:%M %Z}"
            reasons.append(Reason(f"{batch.code} expired at {when}.", "batch-expired", "batches"))
    return reasons
