"""When an infant comes of age, and what its mother's consent allows from then on.

From that instant on the mother's consent allows no new use of that infant's cells: not reserved, not signed, not
picked, not handed over. What the infant itself then answers, on a full form in force, decides. Testing, storage,
tracing and what has left go on. A birth that was never recorded is reckoned from the donor's first consent, which is
taken around the birth: so nothing stays open for ever because a date is missing.

Ages are not a standard's: the table is to be checked by each bank for its country (mark ``K``, from general knowledge).
"""

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import StringIO
from types import MappingProxyType

DEFAULT = "*"
# How long before somebody comes of age the bank looks for them.
LOOK_AHEAD_MONTHS = 6


@cache
def ages_of_majority() -> Mapping[str, int]:
    """Return the age of majority in years by country (ISO 3166-1 alpha-2); ``*`` is for every country not named."""
    table = StringIO(files("consent.data").joinpath("age_of_majority.csv").read_text("utf-8"), newline="")
    return MappingProxyType({row["country"]: int(row["years"]) for row in csv.DictReader(table)})


def age_of_majority(country: str) -> int:
    """Return at how many years one comes of age there."""
    return ages_of_majority().get(country.upper(), ages_of_majority()[DEFAULT])


def comes_of_age_at(born_at: datetime, country: str) -> datetime:
    """Return the first instant of the birthday, in UTC; who was born on 29 February comes of age on 1 March."""
    born = born_at.astimezone(UTC)
    year = born.year + age_of_majority(country)
    if (born.month, born.day) == (2, 29) and not _is_leap(year):
        return datetime(year, 3, 1, tzinfo=UTC)
    return datetime(year, born.month, born.day, tzinfo=UTC)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
