"""The demo's year: rules, storage, twelve months of births, and what else happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from inventory.management.demo import stock
from inventory.management.demo.means import take_in
from inventory.management.demo.people import Bank, open_bank
from inventory.management.demo.rules import Studies, put_form_version, put_protocols, put_specifications
from inventory.management.demo.storage import Shelves, build_shelves
from inventory.management.demo.stories import tell_stories
from inventory.management.demo.walk import LENGTH

MONTHS = 12
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = 365 * DAY
# Form versions come into force before these months.
NEW_FORMS = {0: "1", 5: "2", 9: "3"}
SEED = 2026

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Built:
    """A bank with its year behind it."""

    bank: Bank
    studies: Studies
    shelves: Shelves
    next_serial: int


def live_a_year(units: int, *, now: datetime, progress: Progress) -> Built:
    """Open a bank a year ago and let it live until the walk begins; ``progress`` hears steps done, of all, and what."""
    start = now - YEAR
    steps = MONTHS + 3
    progress(0, steps, "people and sites")
    bank = open_bank(start=start, now=now)
    progress(1, steps, "storage, specifications and protocols")
    shelves = build_shelves(bank, units=units + 2, at=start + HOUR)
    take_in(bank, at=start + HOUR)
    put_specifications(bank, at=start + HOUR)
    studies = put_protocols(bank, at=start + HOUR)
    serial, random = 1, Random(SEED)  # noqa: S311 - a demo, not a secret
    for number, births in enumerate(births_by_month(units)):
        progress(number + 2, steps, f"births of month {number + 1}")
        begins = start + 2 * DAY + number * (YEAR - LENGTH - 14 * DAY) / MONTHS
        if number in NEW_FORMS:
            put_form_version(bank, NEW_FORMS[number], at=begins - DAY)
        stock.live_through(bank, stock.Month(begins, serial, births), shelves, random)
        serial += births
    progress(MONTHS + 2, steps, "requests, releases and a withdrawal")
    tell_stories(bank, studies, at=now - LENGTH - 3 * DAY)
    progress(steps, steps, "done")
    return Built(bank=bank, studies=studies, shelves=shelves, next_serial=serial)


def births_by_month(units: int) -> list[int]:
    """Share the births of a year among its months so that all give this many units, the first of a month two."""
    births = max(units - MONTHS, MONTHS)
    return [births // MONTHS + (1 if number < births % MONTHS else 0) for number in range(MONTHS)]
