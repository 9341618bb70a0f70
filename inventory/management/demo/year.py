"""The demo's year: rules, storage, twelve months of births, and what else happened."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from inventory.management.demo import stock
from inventory.management.demo.birth import Month, next_serial
from inventory.management.demo.means import take_in
from inventory.management.demo.people import Bank, open_bank
from inventory.management.demo.rules import (
    put_form_version,
    put_forms_of_other_days,
    put_protocols,
    put_specifications,
)
from inventory.management.demo.scene import Scene
from inventory.management.demo.storage import build_shelves
from inventory.management.demo.stories import STORIES
from inventory.management.demo.walk import LENGTH

MONTHS = 12
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = 365 * DAY
# Form versions come into force before these months.
NEW_FORMS = {0: "1", 5: "2", 9: "3"}
SEED = 2026
# Units that the stories and the walk put away besides those of the months.
OF_STORIES = 13

Progress = Callable[[int, int, str], None]


def live_a_year(units: int, *, now: datetime, progress: Progress) -> Scene:
    """Open a bank a year ago and let it live until the walk begins; ``progress`` hears steps done, of all, and what."""
    start, told = now - YEAR, count()
    steps = MONTHS + len(STORIES) + 2

    def say(what: str) -> None:
        progress(next(told), steps, what)

    say("people and sites")
    bank = open_bank(start=start, now=now)
    say("storage, specifications and protocols")
    scene = _furnish(bank, units, at=start + HOUR)
    random = Random(SEED)  # noqa: S311 - a demo, not a secret
    for number, births in enumerate(births_by_month(units)):
        say(f"births of month {number + 1}")
        begins = start + 2 * DAY + number * (YEAR - LENGTH - 14 * DAY) / MONTHS
        if number in NEW_FORMS:
            put_form_version(bank, NEW_FORMS[number], at=begins - DAY)
        stock.live_through(bank, Month(begins, next_serial(), births), scene.shelves, random)
        for story in STORIES:
            if story.month == number + 1:
                say(story.title)
                story.tell(scene, begins + story.day * DAY)
    say("done")
    return scene


def _furnish(bank: Bank, units: int, *, at: datetime) -> Scene:
    shelves = build_shelves(bank, units=units + OF_STORIES, at=at)
    take_in(bank, at=at)
    put_specifications(bank, at=at)
    put_forms_of_other_days(bank, at=at)
    return Scene(bank=bank, studies=put_protocols(bank, at=at), shelves=shelves)


def births_by_month(units: int) -> list[int]:
    """Share the births of a year among its months so that all give this many units, the first of a month two."""
    births = max(units - MONTHS, MONTHS)
    return [births // MONTHS + (1 if number < births % MONTHS else 0) for number in range(MONTHS)]
