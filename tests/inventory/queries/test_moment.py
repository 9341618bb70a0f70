"""Moments: how each kind of entry is marked on a timeline and in the document."""

import pytest

from biobank.domain.ledger import KINDS
from inventory.domain.custody import EntryRow
from inventory.queries.moment import SIGNED, STOPPED, moments_of
from tests.factories.time import NOON


def look(kind: str) -> str:
    row = EntryRow(1, NOON, kind, "ana", "Ana", "", ("U1",), "0" * 64)
    (moment,) = moments_of([row])
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
    ],
)
def test_what_somebody_signed_and_what_stopped_the_unit_are_marked(kind: str, expected: str):
    assert look(kind) == expected


def test_only_kinds_that_the_ledger_knows_are_marked_and_each_in_one_way():
    assert (SIGNED | STOPPED) - set(KINDS) == set()
    assert SIGNED.isdisjoint(STOPPED)
