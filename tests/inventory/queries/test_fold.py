import pytest
from django.db import connection

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.services import guard
from biobank.services.ledger import record
from inventory.domain.sample import SampleRole
from inventory.models.container import Position
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from tests.factories.person import staff
from tests.factories.release import received
from tests.factories.time import NOON
from tests.factories.unit import frozen_unit, within_a_service

pytestmark = pytest.mark.django_db
BEGINS_WITH = (frozen_unit,)


@pytest.fixture(autouse=True)
def _guards_come_back():
    yield
    guard.install_guards(connection)


def findings():
    return [(finding.text, finding.number) for finding in fold_findings()]


def tamper(rows, **columns):
    """Change rows past every guard, as somebody with the database's password could."""
    guard.drop_guards(connection)
    rows.update(**columns)


def at(label):
    return Position.objects.get(code=f"T01-R01-01-{label}")


def test_a_whole_journey_folds_to_exactly_what_the_tables_say():
    received()

    assert findings() == []


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"state": "discarded"}, "state is “discarded” in the tables and “quarantined” in the ledger"),
        ({"holder": "ELSEWHERE"}, "holder is “ELSEWHERE” in the tables and “BANK-1” in the ledger"),
    ],
)
def test_a_tampered_unit_is_found_and_named_and_the_other_is_not(columns, told):
    unit, other = frozen_unit(), frozen_unit()

    tamper(Unit.objects.filter(pk=unit.pk), **columns)

    assert [text for text, _ in findings()] == [f"{unit.code}: {told}."]
    assert other.code not in str(findings())


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"state": "lost"}, "state is “lost” in the tables and “stored” in the ledger"),
        ({"holder": "ELSEWHERE"}, "holder is “ELSEWHERE” in the tables and “BANK-1” in the ledger"),
    ],
)
def test_a_tampered_sample_is_found_and_named(columns, told):
    sample = frozen_unit().samples.get(role=SampleRole.DNA)

    tamper(ReferenceSample.objects.filter(pk=sample.pk), **columns)

    assert [text for text, _ in findings()] == [f"{sample.code}: {told}."]


def test_a_tampered_place_is_found_and_named():
    unit = frozen_unit()

    tamper(Placement.objects.filter(unit=unit), position=at("H12"))

    told = "place is “T01-R01-01-H12” in the tables and “T01-R01-01-A01” in the ledger"
    assert [text for text, _ in findings()] == [f"{unit.code}: {told}."]


def test_a_placement_taken_away_or_put_in_without_an_entry_is_found():
    unit = frozen_unit()
    sample = unit.samples.get(role=SampleRole.DNA)

    tamper(Placement.objects.filter(unit=unit), removed_at=NOON, removed_by=staff(Role.AUDITOR))
    Placement.objects.create(position=at("B01"), sample=sample, placed_at=NOON, placed_by=staff(Role.AUDITOR))

    assert [text for text, _ in findings()] == [
        f"{unit.code}: place is “” in the tables and “T01-R01-01-A01” in the ledger.",
        f"{sample.code}: place is “T01-R01-01-B01” in the tables and “” in the ledger.",
    ]


@pytest.mark.postgresql
def test_a_unit_in_two_positions_at_once_shows_both():
    unit = frozen_unit()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_position_per_unit")

    Placement.objects.create(position=at("B01"), unit=unit, placed_at=NOON, placed_by=staff(Role.AUDITOR))

    assert "place is “T01-R01-01-A01 and T01-R01-01-B01” in the tables" in findings()[0][0]


def test_an_entry_that_contradicts_the_one_before_it_is_found_by_its_number():
    unit = frozen_unit()
    within_a_service(
        lambda by: record(
            "unit.moved", subjects=[], item=unit.code, by=by, at=NOON, old={"place": "NOWHERE"}, new={"place": "B"}
        )
    )
    last = LedgerEntry.objects.order_by("-number")[0]

    found = findings()

    assert (f"{unit.code} had place “T01-R01-01-A01” before it, and it says “NOWHERE”", last.number) in found
    assert len(found) == 2


def test_what_is_in_the_ledger_and_not_in_the_tables_is_found():
    frozen_unit()
    within_a_service(
        lambda by: record("unit.registered", subjects=[], item="GHOST", by=by, at=NOON, new={"state": "collected"})
    )

    assert [text for text, _ in findings()] == ["GHOST is in the ledger and not in the tables."]


@pytest.mark.parametrize("body", ["not json", '{"item":"X"}', '["item"]', '{"item":"X","old":1,"new":{}}'])
def test_an_entry_that_cannot_be_read_is_found_by_its_number(body):
    frozen_unit()
    entry = LedgerEntry.objects.filter(kind="result.recorded").first()

    tamper(LedgerEntry.objects.filter(pk=entry.pk), body=body)

    assert findings() == [("its body cannot be read", entry.number)]
