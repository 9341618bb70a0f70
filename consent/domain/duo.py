"""Terms of the Data Use Ontology: which are permissions, which are modifiers, and what each modifier must state."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType

NO_RESTRICTION = "DUO:0000004"
GENERAL_RESEARCH = "DUO:0000042"
BIOMEDICAL = "DUO:0000006"
DISEASE_SPECIFIC = "DUO:0000007"
ANCESTRY_ONLY = "DUO:0000011"
PERMISSIONS = frozenset({NO_RESTRICTION, GENERAL_RESEARCH, BIOMEDICAL, DISEASE_SPECIFIC, ANCESTRY_ONLY})

RESEARCH_SPECIFIC = "DUO:0000012"
NO_METHODS = "DUO:0000015"
GENETIC_ONLY = "DUO:0000016"
NOT_FOR_PROFIT_NON_COMMERCIAL = "DUO:0000018"
PUBLICATION = "DUO:0000019"
COLLABORATION = "DUO:0000020"
ETHICS_APPROVAL = "DUO:0000021"
GEOGRAPHIC = "DUO:0000022"
MORATORIUM = "DUO:0000024"
TIME_LIMIT = "DUO:0000025"
USER_SPECIFIC = "DUO:0000026"
PROJECT_SPECIFIC = "DUO:0000027"
INSTITUTION_SPECIFIC = "DUO:0000028"
RETURN_RESULTS = "DUO:0000029"
CLINICAL_CARE = "DUO:0000043"
NO_ANCESTRY = "DUO:0000044"
NOT_FOR_PROFIT = "DUO:0000045"
NON_COMMERCIAL = "DUO:0000046"
MODIFIERS = frozenset(
    {
        RESEARCH_SPECIFIC,
        NO_METHODS,
        GENETIC_ONLY,
        NOT_FOR_PROFIT_NON_COMMERCIAL,
        PUBLICATION,
        COLLABORATION,
        ETHICS_APPROVAL,
        GEOGRAPHIC,
        MORATORIUM,
        TIME_LIMIT,
        USER_SPECIFIC,
        PROJECT_SPECIFIC,
        INSTITUTION_SPECIFIC,
        RETURN_RESULTS,
        CLINICAL_CARE,
        NO_ANCESTRY,
        NOT_FOR_PROFIT,
        NON_COMMERCIAL,
    }
)


@dataclass(frozen=True)
class DuoTerm:
    """One term as the ontology words it."""

    id: str
    shorthand: str
    label: str
    description: str


@cache
def terms() -> Mapping[str, DuoTerm]:
    """Return every shipped term by its identifier."""
    table = StringIO(files("consent.data").joinpath("duo.csv").read_text("utf-8"), newline="")
    return MappingProxyType({row["id"]: DuoTerm(**row) for row in csv.DictReader(table)})


def is_permission(duo: str) -> bool:
    """Tell whether the term says what use is allowed."""
    return duo in PERMISSIONS


def is_modifier(duo: str) -> bool:
    """Tell whether the term restricts or conditions a permission."""
    return duo in MODIFIERS


def shorthand(duo: str) -> str:
    """Return the term's shorthand, or the identifier where it is not one in use."""
    term = terms().get(duo)
    return term.shorthand if term is not None and term.shorthand else duo


def months_of(parameter: str) -> int | None:
    """Return a time limit in months, or None where none is stated."""
    readable = parameter.isascii() and parameter.isdigit() and len(parameter) <= 4 and int(parameter) > 0
    return int(parameter) if readable else None


def date_of(parameter: str) -> date | None:
    """Return the day a moratorium ends, or None where none is stated."""
    try:
        return date.fromisoformat(parameter)
    except ValueError:
        return None


def names_of(parameter: str) -> frozenset[str]:
    """Return the countries, institutions, protocols or users of a comma-separated list, in comparable spelling."""
    return frozenset(name for name in (comparable(part) for part in parameter.split(",")) if name)


def comparable(name: str) -> str:
    """Return a name without the differences that do not count: case and outer or repeated spaces."""
    return " ".join(name.split()).casefold()


_PARAMETERS: Mapping[str, tuple[Callable[[str], object], str]] = MappingProxyType(
    {
        TIME_LIMIT: (months_of, "a time limit states whole months, 1 to 9999"),
        MORATORIUM: (date_of, "a publication moratorium states its ISO date"),
        GEOGRAPHIC: (names_of, "a geographic restriction lists its countries"),
        INSTITUTION_SPECIFIC: (names_of, "an institution restriction lists its institutions"),
        PROJECT_SPECIFIC: (names_of, "a project restriction lists its protocols"),
        USER_SPECIFIC: (names_of, "a user restriction lists its users"),
    }
)


def parameter_fault(duo: str, parameter: str) -> str:
    """Return what is wrong with a term's parameter, or the empty string."""
    if duo == RESEARCH_SPECIFIC:
        return ""
    if duo not in _PARAMETERS:
        return "only a modifier that needs a parameter has one" if parameter else ""
    read, sentence = _PARAMETERS[duo]
    return "" if read(parameter) else sentence
