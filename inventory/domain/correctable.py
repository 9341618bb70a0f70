"""Facts that can be corrected: of which noun, what they look like, what is plausible, which verdicts rest on them.

Identity is not among them: a wrong DIN, product code or kind is another unit, voided and registered anew. Measured
values are results and are corrected by results (``services/correction.py``).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

from biobank.domain.ledger import written_time
from biobank.domain.refusal import Reason
from biobank.domain.text import obstacles_to_text
from consent.domain.donor import Sex
from inventory.domain.assay import ASSAYS
from inventory.domain.donation import GESTATION_DAYS, LATEST_CLAMP_SECONDS, Delivery
from inventory.domain.dose import HEAVIEST_KG, LIGHTEST_KG
from inventory.domain.kinship import FURTHEST, LONGEST_SHOWN_BY
from inventory.domain.outcome import OutcomeKind
from inventory.domain.recovery import LONGEST_FLUID, LONGEST_ORGANISATION
from inventory.domain.request import LONGEST
from inventory.domain.sample import SampleRole
from inventory.domain.shipment import LOGGED_CELSIUS, Shipper
from inventory.domain.typing import LONGEST_STORED


class RestingVerdict(StrEnum):
    """A verdict that can rest on a fact, and is open again once the fact is corrected."""

    RECEIPT = "receipt"
    ELIGIBILITY = "eligibility"
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    SIGNATURE = "signature"
    REPORT = "report"


class FactKind(StrEnum):
    """What a value is. ``named`` is another row by its code; ``typing`` and ``values`` are texts by name."""

    INSTANT = "instant"
    DAY = "day"
    WHOLE = "whole"
    DECIMAL = "decimal"
    WORD = "word"
    TEXT = "text"
    TEXTS = "texts"
    FINDINGS = "findings"
    SOURCE = "source"
    PLACE = "place"
    NAMED = "named"
    TYPING = "typing"
    VALUES = "values"


Value = datetime | date | Decimal | str | None
# What a unit was accepted, requested and signed on; eligibility besides, where it speaks of the donor.
OF_MATERIAL = frozenset({RestingVerdict.ACCEPTANCE, RestingVerdict.APPROVAL, RestingVerdict.SIGNATURE})
OF_REQUEST = frozenset({RestingVerdict.APPROVAL, RestingVerdict.SIGNATURE})
OF_DONOR = OF_MATERIAL | {RestingVerdict.ELIGIBILITY}
NOTHING = frozenset[RestingVerdict]()
# What the bank itself decided: what left on it calls for a deviation. A report is a study's, and always stands.
DECIDED = frozenset(RestingVerdict) - {RestingVerdict.REPORT}
OF_REPORT = frozenset({RestingVerdict.REPORT})
SOURCE = re.compile(r"([A-Z0-9-]{1,32})/([1-9][0-9]?)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST_TEXTS = 2000
OF_TEXTS = frozenset({FactKind.TEXTS, FactKind.FINDINGS, FactKind.TYPING, FactKind.VALUES})


@dataclass(frozen=True)
class Fact:
    """One correctable fact. ``low`` and ``high`` bound a number, ``longest`` a text, ``words`` what may be chosen.

    ``can_be_unknown`` allows correcting to nothing; ``is_sealed`` False keeps its values out of the ledger, which can
    never forget them.
    """

    noun: str
    field: str
    kind: FactKind
    rests: frozenset[RestingVerdict] = NOTHING
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    decimals: int = 0
    longest: int = 0
    words: tuple[str, ...] = ()
    can_be_unknown: bool = False
    is_sealed: bool = True

    @property
    def label(self) -> str:
        """The field in words."""
        return self.field.replace("_", " ")


def _number(noun: str, field: str, bounds: tuple[object, object], **otherwise: object) -> Fact:
    low, high = (Decimal(str(bound)) for bound in bounds)
    kind = FactKind.DECIMAL if otherwise.get("decimals") else FactKind.WHOLE
    told = {"can_be_unknown": True} | otherwise
    return Fact(noun, field, kind, low=low, high=high, **told)  # type: ignore[arg-type]


def _amount(noun: str, field: str, assay: str, **otherwise: object) -> Fact:
    return _number(noun, field, ("0.01", ASSAYS[assay].high), **{"decimals": 2, "rests": OF_MATERIAL} | otherwise)


def _text(noun: str, field: str, longest: int, rests: frozenset[RestingVerdict] = NOTHING) -> Fact:
    return Fact(noun, field, FactKind.TEXT, rests, longest=longest)


def _name(noun: str, field: str, longest: int, rests: frozenset[RestingVerdict] = NOTHING) -> Fact:
    return Fact(noun, field, FactKind.TEXT, rests, longest=longest, is_sealed=False)


def _word(noun: str, field: str, words: type[StrEnum], rests: frozenset[RestingVerdict] = NOTHING) -> Fact:
    return Fact(noun, field, FactKind.WORD, rests, words=tuple(word.value for word in words))


_TABLE = (
    Fact("donation", "source", FactKind.SOURCE, OF_DONOR),
    Fact("donation", "collected_at", FactKind.INSTANT, OF_DONOR | {RestingVerdict.RECEIPT}),
    _number("donation", "gestational_age_days", (GESTATION_DAYS[0], GESTATION_DAYS[-1]), rests=OF_MATERIAL),
    _number("donation", "clamp_seconds", (0, LATEST_CLAMP_SECONDS)),
    _word("donation", "delivery", Delivery),
    _text("donation", "procedure_version", 32),
    Fact("donation", "collector", FactKind.NAMED, longest=64),
    Fact("donation", "collection_site", FactKind.NAMED, OF_DONOR, longest=32),
    _text("recovery", "organisation", LONGEST_ORGANISATION),
    Fact("recovery", "died_at", FactKind.INSTANT, OF_DONOR),
    Fact("recovery", "cross_clamp_at", FactKind.INSTANT, OF_MATERIAL),
    Fact("recovery", "cold_ended_at", FactKind.INSTANT, OF_MATERIAL, can_be_unknown=True),
    _text("recovery", "preservation_fluid", LONGEST_FLUID, OF_MATERIAL),
    _word("infant", "sex", Sex, OF_MATERIAL),
    Fact("infant", "born_at", FactKind.INSTANT, OF_MATERIAL, is_sealed=False),
    _amount("unit", "volume_ml", "volume_ml"),
    _amount("unit", "mass_g", "mass_g"),
    _number("unit", "tnc", (0, ASSAYS["tnc"].high), rests=OF_MATERIAL),
    Fact("processing", "started_at", FactKind.INSTANT, OF_MATERIAL),
    Fact("processing", "frozen_at", FactKind.INSTANT, OF_MATERIAL),
    _text("processing", "method", 32, OF_MATERIAL),
    _amount("processing", "volume_before_ml", "volume_ml"),
    _amount("processing", "volume_after_ml", "volume_ml"),
    Fact("processing", "additives", FactKind.TEXTS, OF_MATERIAL, longest=64),
    _text("processing", "freezer_run", 32),
    Fact("processing", "operator", FactKind.NAMED, longest=64),
    _amount("lineage", "taken_ml", "volume_ml", can_be_unknown=False),
    _amount("lineage", "taken_g", "mass_g", can_be_unknown=False),
    Fact("batch_use", "batch", FactKind.NAMED, OF_MATERIAL, longest=16),
    Fact("equipment_use", "equipment", FactKind.NAMED, OF_MATERIAL, longest=32),
    _word("sample", "role", SampleRole, OF_MATERIAL),
    _number("sample", "volume_ml", ("0.001", 9999), decimals=3),
    _word("shipment", "shipper", Shipper),
    *(_text("shipment", field, 32) for field in ("shipper_code", "seal_code", "logger_code")),
    _text("shipment", "courier", 64),
    _number("shipment", "warmest_celsius", LOGGED_CELSIUS, decimals=1, rests=frozenset({RestingVerdict.RECEIPT})),
    Fact("receipt", "findings", FactKind.FINDINGS, OF_MATERIAL | {RestingVerdict.RECEIPT}, longest=200),
    _number(
        "request",
        "weight_kg",
        (LIGHTEST_KG, HEAVIEST_KG),
        decimals=2,
        rests=OF_REQUEST,
    ),
    _text("request", "delivery_address", LONGEST["delivery_address"], OF_REQUEST),
    _name("request", "delivery_contact", LONGEST["delivery_contact"]),
    _name("request", "ordering_physician", LONGEST["ordering_physician"], OF_REQUEST),
    Fact("request", "recipient_typing", FactKind.TYPING, OF_REQUEST, longest=LONGEST_STORED),
    Fact("request", "needed_by", FactKind.DAY, OF_REQUEST),
    Fact("kinship", "degree", FactKind.WHOLE, OF_REQUEST, high=Decimal(FURTHEST)),
    _text("kinship", "shown_by", LONGEST_SHOWN_BY, OF_REQUEST),
    Fact("placement", "position", FactKind.PLACE, longest=64),
    _word("outcome", "kind", OutcomeKind, OF_REPORT),
    Fact("outcome", "outcome_date", FactKind.DAY, OF_REPORT),
    Fact("outcome", "values", FactKind.VALUES, OF_REPORT, longest=64),
    _text("identifier", "issuer", 64),
    _text("identifier", "value", 64),
)
FACTS: Mapping[tuple[str, str], Fact] = {(fact.noun, fact.field): fact for fact in _TABLE}


def read_value(fact: Fact, typed: str) -> tuple[Value, list[Reason]]:
    """Return what was typed as the fact's value, and why it can be none; texts stay texts."""
    typed = typed.strip()
    if not typed:
        reason = Reason(f"The {fact.label} is missing.", "missing", fact.field)
        return None, [] if fact.can_be_unknown else [reason]
    if fact.kind is FactKind.INSTANT:
        return _instant(fact, typed)
    if fact.kind is FactKind.DAY:
        return _day(fact, typed)
    if fact.kind in (FactKind.WHOLE, FactKind.DECIMAL):
        return _decimal(fact, typed)
    return typed, _obstacles_to_text(fact, typed)


def written(value: object) -> str:
    """Return the one text by which a value is kept and compared; nothing for what is unknown."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return written_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _instant(fact: Fact, typed: str) -> tuple[Value, list[Reason]]:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        text = f"The {fact.label} is a day and time with its zone, like 2026-03-14T12:00:00+00:00."
        return None, [Reason(text, "instant", fact.field)]
    return moment.astimezone(UTC), []


def _day(fact: Fact, typed: str) -> tuple[Value, list[Reason]]:
    try:
        return date.fromisoformat(typed if DAY.fullmatch(typed) else ""), []
    except ValueError:
        return None, [Reason(f"The {fact.label} is a day like 2026-03-14.", "day", fact.field)]


def _decimal(fact: Fact, typed: str) -> tuple[Value, list[Reason]]:
    plain = re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", typed, re.ASCII)
    number = Decimal(typed) if plain else None
    if number is None or number != round(number, fact.decimals) or not fact.low <= number <= fact.high:
        digits = f" with at most {fact.decimals} decimals" if fact.decimals else ", whole"
        text = f"The {fact.label} is a number from {fact.low} to {fact.high}{digits}."
        return None, [Reason(text, "range", fact.field)]
    return number, []


def _obstacles_to_text(fact: Fact, typed: str) -> list[Reason]:
    if fact.kind is FactKind.WORD and typed not in fact.words:
        return [Reason(f"The {fact.label} is one of {', '.join(fact.words)}.", "word", fact.field)]
    if fact.kind is FactKind.SOURCE and not SOURCE.fullmatch(typed):
        text = "The source is a donor's code and the infant's order of birth, like DNR-7F3K9QXM/1."
        return [Reason(text, "source", fact.field)]
    if fact.kind in OF_TEXTS:
        return _obstacles_to_json(fact, typed)
    return obstacles_to_text(typed, fact.field, longest=fact.longest or LONGEST_TEXTS)


def _obstacles_to_json(fact: Fact, typed: str) -> list[Reason]:
    """Return what is wrong with a list of texts, with findings by name, or with texts by name."""
    wrong = [Reason(f"The {fact.label} cannot be read.", "shape", fact.field)]
    try:
        value = json.loads(typed) if len(typed) <= LONGEST_TEXTS else None
    except (ValueError, RecursionError):
        return wrong
    if fact.kind is FactKind.FINDINGS:
        return [] if isinstance(value, dict) else wrong
    texts = _texts_in(value, by_name=fact.kind is not FactKind.TEXTS)
    if texts is None:
        return wrong
    return [reason for each in texts for reason in obstacles_to_text(each, fact.field, longest=fact.longest)]


def _texts_in(value: object, *, by_name: bool) -> list[str] | None:
    """Return the texts of a list, or the names and texts of an object; None where it is not one of such."""
    if isinstance(value, dict) is not by_name or not isinstance(value, list | dict):
        return None
    texts = [*value, *value.values()] if isinstance(value, dict) else value
    return texts if all(isinstance(each, str) for each in texts) else None
