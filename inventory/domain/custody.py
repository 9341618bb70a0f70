"""What a chain-of-custody document states: the facts of one unit at one ledger position, and its edition."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from biobank.domain.ledger import canonical_json, digest

FORMAT = "custody-report-v1"
# A ledger time whose fraction of a second is zero reads better as people write it; any other stays as it is.
WHOLE_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z")


@dataclass(frozen=True)
class Amount:
    """One stated amount, its number as text: a float never comes near a custody record."""

    name: str
    value: str
    unit: str


@dataclass(frozen=True)
class UnitIdentity:
    """The unit as its label and its record name it; ``din_printed`` is grouped, ``din_check`` the boxed character."""

    code: str
    din: str
    din_printed: str
    din_check: str
    product_code: str
    product: str
    kind: str
    state: str
    place: str
    origin: str = ""
    accepted_use: str = ""
    expires: str = ""
    identifiers: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineageRow:
    """One donation, ancestor or descendant. ``relation`` is the word shown, ``amount`` what was taken or given."""

    relation: str
    code: str
    kind: str
    state: str
    amount: str = ""
    process: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class DonorConsent:
    """The consent status of one donor, by code alone."""

    donor_code: str
    form: str
    status: str
    permitted_use: str
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class EligibilityRow:
    """The donor eligibility verdict with the evidence it is bound to."""

    verdict: str
    determined_by: str = ""
    determined_at: datetime | None = None
    evidence_sha256: str = ""
    standing: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResultRow:
    """One result against its limit; ``amended`` says by what it was corrected, or what it corrects.

    ``limit_mark`` and ``limit_source`` say how far the limit can be relied on, and where it comes from.
    """

    whose: str
    assay: str
    value: str
    unit: str
    limit: str
    verdict: str
    entered_by: str = ""
    entered_at: datetime | None = None
    verified_by: str = ""
    verified_at: datetime | None = None
    amended: str = ""
    limit_mark: str = ""
    limit_source: str = ""


@dataclass(frozen=True)
class Change:
    """One field of an entry, before and after."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class EntryRow:
    """One sealed ledger entry; ``amended`` names the later entry that corrected it, or is empty."""

    number: int
    at: datetime
    kind: str
    username: str
    printed_name: str
    place: str
    subjects: tuple[str, ...]
    seal: str
    changes: tuple[Change, ...] = ()
    reason: str = ""
    occurred_at: datetime | None = None
    flags: tuple[str, ...] = ()
    amended: str = ""


@dataclass(frozen=True)
class SignatureRow:
    """A manifested signature (21 CFR 11.50): printed name, meaning, time; and the hash of what was signed."""

    printed_name: str
    meaning: str
    signed_at: datetime
    content_sha256: str
    about: str
    username: str = ""
    item_count: int = 1


@dataclass(frozen=True)
class ShipmentRow:
    """One journey the unit made or is on."""

    reference: str
    kind: str
    origin: str
    destination: str
    courier: str = ""
    equipment: str = ""
    packed_at: datetime | None = None
    handed_over_at: datetime | None = None
    received_at: datetime | None = None
    received_by: str = ""


@dataclass(frozen=True)
class Head:
    """The ledger's last entry when the facts were read."""

    number: int
    seal: str
    at: datetime


@dataclass(frozen=True)
class CustodyFacts:
    """Everything the document says about the unit; the same for everybody who asks at the same ledger position."""

    bank: str
    time_zone: str
    head: Head
    unit: UnitIdentity
    lineage: tuple[LineageRow, ...] = ()
    donors: tuple[DonorConsent, ...] = ()
    eligibility: tuple[EligibilityRow, ...] = ()
    specification: str = ""
    results: tuple[ResultRow, ...] = ()
    signatures: tuple[SignatureRow, ...] = ()
    entries: tuple[EntryRow, ...] = ()
    shipments: tuple[ShipmentRow, ...] = ()
    ledger_key_sha256: str = ""


@dataclass(frozen=True)
class Edition:
    """Who made this document and when. ``sealing_certificate_sha256`` is empty when it is not sealed."""

    reference: str
    generated_at: datetime
    generated_by: str
    sealing_certificate_sha256: str = ""

    @property
    def is_sealed(self) -> bool:
        """Whether a sealing key was there to seal with."""
        return bool(self.sealing_certificate_sha256)


def facts_sha256(facts: object) -> str:
    """Return the hash of a document's facts alone: equal at the same ledger position, whoever asks and whenever."""
    return digest(canonical_json(as_mapping(facts)))


def custody_record(facts: CustodyFacts, edition: Edition) -> str:
    """Return the document's data as canonical JSON, the text that is attached to it."""
    return canonical_json({"edition": as_mapping(edition), "facts": as_mapping(facts), "format": FORMAT})


def as_mapping(value: object) -> object:
    """Return dataclasses as mappings, all the way down; ``canonical_json`` writes the rest."""
    if is_dataclass(value):
        return {field.name: as_mapping(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [as_mapping(item) for item in value]
    return value


def utc_text(at: datetime) -> str:
    """Return an instant as people read it in UTC: ``2026-03-05 13:02:11 UTC``."""
    return f"{at.astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M:%S} UTC"


def site_text(at: datetime, time_zone: str) -> str:
    """Return an instant in a site's zone with the zone's abbreviation: ``2026-03-05 14:02:11 CET``."""
    return f"{at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M:%S %Z}"


def amended_count(rows: Iterable[EntryRow | ResultRow]) -> int:
    """Return how many rows were changed after they were first entered (Annex 11, 8.2)."""
    return sum(bool(row.amended) for row in rows)


def changes_between(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Change, ...]:
    """Return what differs between an entry's old and new values, fields in alphabetical order."""
    stated = ((name, _shown(old.get(name)), _shown(new.get(name))) for name in sorted({*old, *new}))
    return tuple(Change(name, before, after) for name, before, after in stated if before != after)


def _shown(value: object) -> str:
    """Return a ledger value in words; lists and mappings part by part, so that nothing is left out."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {_shown(value[name]) or '–'}" for name in sorted(value))
    if isinstance(value, list):
        return ", ".join(f"({_shown(item)})" if isinstance(item, Mapping | list) else _shown(item) for item in value)
    text = str(value)
    return utc_text(datetime.fromisoformat(text)) if WHOLE_SECOND.fullmatch(text) else text
