"""Facts that can be corrected: of which noun, what they look like, what is plausible, which verdicts rest on them.

Identity is not among them: a wrong DIN, product code or kind is another unit, voided and registered anew. Measured
values are results and are corrected by results (``services/correction.py``).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from biobank.domain.ledger import written_time
from biobank.domain.refusal import Reason
from biobank.domain.text import obstacles_to_text
from consent.domain.donor import Sex
from inventory.domain.assay import ASSAYS
from inventory.domain.donation import GESTATION_DAYS, LATEST_CLAMP_SECONDS, Delivery
from inventory.domain.dose import HEAVIEST_KG, LIGHTEST_KG
from inventory.domain.kinship import FURTHEST, LONGEST_SHOWN_BY
from inventory.domain.recovery import LONGEST_FLUID, LONGEST_ORGANISATION
from inventory.domain.request import LONGEST
from inventory.domain.sample import SampleRole
from inventory.domain.shipment import LOGGED_CELSIUS, Shipper


class RestingVerdict(StrEnum):
    """A verdict that can rest on a fact, and is open again once the fact is corrected."""

    RECEIPT = "receipt"
    ELIGIBILITY = "eligibility"
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    SIGNATURE = "signature"


class FactKind(StrEnum):
    INSTANT = "instant"
    WHOLE = "whole"
    DECIMAL = "decimal"
    WORD = "word"
    TEXT = "text"
    TEXTS = "texts"
    FINDINGS = "findings"
    SOURCE = "source"
    PLACE = "place"


Value = datetime | Decimal | str | None
# What a unit was accepted, requested and signed on; eligibility besides, where it speaks of the donor.
OF_MATERIAL = frozenset({RestingVerdict.ACCEPTANCE, RestingVerdict.APPROVAL, RestingVerdict.SIGNATURE})
OF_REQUEST = frozenset({RestingVerdict.APPROVAL, RestingVerdict.SIGNATURE})
OF_DONOR = OF_MATERIAL | {RestingVerdict.ELIGIBILITY}
NOTHING = frozenset[RestingVerdict]()
SOURCE = re.compile(r"([A-Z0-9-]{1,32})/([1-9][0-9]?)")
LONGEST_TEXTS = 2000


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
    return Fact(noun, field, kind, low=low, high=high, can_be_unknown=True, **otherwise)  # type: ignore[arg-type]


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
    _text("recovery", "organisation", LONGEST_ORGANISATION),
    Fact("recovery", "died_at", FactKind.INSTANT, OF_DONOR),
    Fact("recovery", "cross_clamp_at", FactKind.INSTANT, OF_MATERIAL),
    Fact("recovery", "cold_ended_at", FactKind.INSTANT, OF_MATERIAL),
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
    Fact("kinship", "degree", FactKind.WHOLE, OF_REQUEST, high=Decimal(FURTHEST)),
    _text("kinship", "shown_by", LONGEST_SHOWN_BY, OF_REQUEST),
    Fact("placement", "position", FactKind.PLACE, longest=64),
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
    if fact.kind in (FactKind.WHOLE, FactKind.DECIMAL):
        return _decimal(fact, typed)
    return typed, _obstacles_to_text(fact, typed)


def written(value: object) -> str:
    """Return the one text by which a value is kept and compared; nothing for what is unknown."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return written_time(value)
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


def _decimal(fact: Fact, typed: str) -> tuple[Value, list[Reason]]:
    plain = re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", typed, re.ASCII)
    try:
        number = Decimal(typed) if plain else None
    except InvalidOperation:
        number = None
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
    if fact.kind in (FactKind.TEXTS, FactKind.FINDINGS):
        return _obstacles_to_json(fact, typed)
    return obstacles_to_text(typed, fact.field, longest=fact.longest or LONGEST_TEXTS)


def _obstacles_to_json(fact: Fact, typed: str) -> list[Reason]:
    """Return what is wrong with a list of texts, or with findings by name."""
    wrong = [Reason(f"The {fact.label} cannot be read.", "shape", fact.field)]
    try:
        value = json.loads(typed) if len(typed) <= LONGEST_TEXTS else None
    except (ValueError, RecursionError):
        return wrong
    if fact.kind is FactKind.FINDINGS:
        return [] if isinstance(value, dict) else wrong
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return wrong
    return [reason for each in value for reason in obstacles_to_text(each, fact.field, longest=fact.longest)]
