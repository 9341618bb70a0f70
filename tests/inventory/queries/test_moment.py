"""Moments: how each kind of entry is marked on a timeline and in the document."""

import pytest

from biobank.domain.ledger import KINDS
from inventory.domain.custody import EntryRow
from inventory.queries.moment import SIGNED, STOPPED, TITLES, moments_of
from tests.factories.time import NOON


def look(kind: str) -> str:
    row = EntryRow(1, NOON, kind, "ana", "Ana", "", ("U1",), "0" * 64)
    (moment,) = moments_of([row], "U1")
    return moment.look


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unit.accepted", "moment-signed"),
        ("excursion.assessed", "moment-signed"),
        ("stocktake.closed", "moment-signed"),
        ("notice.closed", "moment-signed"),
        ("deviation.closed", "moment-signed"),
        ("excursion.opened", "moment-held"),
        ("consent.withdrawn", "moment-held"),
        ("unit.placed", ""),
        ("deviation.opened", ""),
        ("lot.accepted", "moment-signed"),
        ("eligibility.reopened", "moment-held"),
    ],
)
def test_what_somebody_signed_and_what_stopped_the_unit_are_marked(kind: str, expected: str):
    assert look(kind) == expected


def test_only_kinds_that_the_ledger_knows_are_marked_and_each_in_one_way():
    assert (SIGNED | STOPPED | set(TITLES)) - set(KINDS) == set()
    assert SIGNED.isdisjoint(STOPPED)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_title_in_plain_words(kind: str):
    row = EntryRow(1, NOON, kind, "ana", "Ana", "", ("U1",), "0" * 64)

    (moment,) = moments_of([row], "U1")

    assert moment.title[0].isupper()
    assert not {".", "_"} & set(moment.title)


@pytest.mark.parametrize(
    ("subjects", "about"),
    [
        (("DNR-1", "U1"), ()),
        (("BAG-1", "DIN-1", "DNR-1"), ("BAG-1",)),
        (("DIN-1", "DNR-1"), ("DIN-1", "DNR-1")),
        ((), ()),
    ],
)
def test_an_entry_that_does_not_name_the_unit_says_what_it_is_of(subjects: tuple[str, ...], about: tuple[str, ...]):
    row = EntryRow(1, NOON, "unit.consumed", "ana", "Ana", "", subjects, "0" * 64)

    (moment,) = moments_of([row], "U1", {"DIN-1", "DNR-1"})

    assert moment.about == about
