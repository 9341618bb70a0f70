"""Assays: what can be measured, of whom, in which unit, within which plausible range."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Subject(StrEnum):
    MOTHER = "mother"
    INFANT = "infant"
    UNIT = "unit"
    LOT = "lot"


class ValueKind(StrEnum):
    NUMBER = "number"
    CODED = "coded"
    TEXT = "text"


class AssayGroup(StrEnum):
    INFECTIOUS_MARKER = "infectious_marker"
    COUNT = "count"
    VIABILITY = "viability"
    POTENCY = "potency"
    CULTURE = "culture"
    STERILITY = "sterility"
    TYPING = "typing"
    HAEMOGLOBIN = "haemoglobin"
    PHYSICAL = "physical"
    COMPUTED = "computed"
    FINDING = "finding"


class Qualifier(StrEnum):
    """What a recorded value says: measured, below the stated limit of the method, or why there is none."""

    MEASURED = ""
    BELOW_LIMIT = "below_limit"
    NOT_DONE = "not_done"
    QUANTITY_INSUFFICIENT = "quantity_insufficient"


class MarkerDemand(StrEnum):
    """What donor eligibility asks of an infectious-disease marker or a finding."""

    REQUIRED = "required"
    SEASONAL = "seasonal"
    OPTIONAL = "optional"
    AFTER_DEATH = "after_death"


class Reactive(StrEnum):
    """What a reactive marker, or a risk found, means for eligibility."""

    INELIGIBLE = "ineligible"
    RECORDED = "recorded"
    INFORMATIVE = "informative"


@dataclass(frozen=True)
class Assay:
    code: str
    name: str
    subjects: frozenset[Subject]
    kind: ValueKind
    unit: str
    decimals: int
    low: Decimal | None
    high: Decimal | None
    codes: tuple[str, ...]
    group: AssayGroup
    demand: MarkerDemand | None = None
    reactive: Reactive | None = None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _read(row: dict[str, str]) -> Assay:
    return Assay(
        code=row["code"],
        name=row["name"],
        subjects=frozenset(Subject(subject) for subject in row["subjects"].split("|")),
        kind=ValueKind(row["kind"]),
        unit=row["unit"],
        decimals=int(row["decimals"] or 0),
        low=_number(row["low"]),
        high=_number(row["high"]),
        codes=tuple(row["codes"].split("|")) if row["codes"] else (),
        group=AssayGroup(row["group"]),
        demand=MarkerDemand(row["demand"]) if row["demand"] else None,
        reactive=Reactive(row["reactive"]) if row["reactive"] else None,
    )


@cache
def assays() -> dict[str, Assay]:
    """The shipped table of assays by code, in the order of the file."""
    text = files("inventory").joinpath("data/assays.csv").read_text(encoding="utf-8")
    return {row["code"]: _read(row) for row in csv.DictReader(text.splitlines())}


ASSAYS = assays()


def in_words(code: str) -> str:
    """The assay's name, or, of what is no assay of the table, its code without underscores."""
    return ASSAYS[code].name if code in ASSAYS else code.replace("_", " ")


def written(number: Decimal) -> str:
    """A number as people read it: no exponent, no trailing zeros."""
    return f"{number.normalize():f}"
