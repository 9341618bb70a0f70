"""The nested specimen table of another system: births with what was made of them, all or nothing."""

import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from biobank.models.ledger import LedgerEntry
from biobank.services.proof import ledger_findings
from consent.models.donor import Donor
from consent.services.donor import register_unknown_donors
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.import_file import ImportFile
from inventory.models.placement import Placement
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.ancestry import ancestries_of
from inventory.queries.fold import fold_findings
from inventory.queries.import_file import place_of_identifier
from inventory.services.import_file import FileImportedBefore, ImportRefused, check_import, import_units
from tests.factories.other_lims import (
    CANARY,
    ISSUER,
    bank,
    birth,
    given,
    imported,
    row,
    sample,
    unit,
)
from tests.factories.rack_scan import importer
from tests.factories.time import NOON
from tests.factories.unit import frozen_unit, working_bank

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank,)
TABLES = (ImportFile, Donor, Donation, Unit, Lineage, ReferenceSample, Identifier, Placement, LedgerEntry)


@pytest.fixture(autouse=True)
def tank_and_people():
    bank()
    importer()


def counts():
    return [table.objects.count() for table in TABLES]


def refused(*rows, new_mapping=None):
    """Return the faults of a file by line and code, the same for the dry run; after which nothing has changed."""
    file, before = given(rows, new_mapping), counts()
    with pytest.raises(ImportRefused) as dry:
        check_import(file, at=NOON)
    with pytest.raises(ImportRefused) as applied:
        import_units(file, register_donors=register_unknown_donors, by=importer(), at=NOON)
    assert dry.value.faults == applied.value.faults
    assert counts() == before
    return [(fault.line, fault.code) for fault in dry.value.faults]


def test_a_birth_comes_in_with_its_nesting():
    imported(birth(1))

    bag, concentrate = unit("CB00001"), unit("CC00001")
    plasma, aliquot, dna = sample("PL00001"), sample("PL00001-A"), sample("DN00001")
    assert {each.donation for each in (concentrate, plasma, aliquot, dna)} == {bag.donation}
    assert (bag.kind, concentrate.kind, concentrate.volume_ml) == ("collected_bag", "cryobag", Decimal(25))
    made = Lineage.objects.get()
    assert (made.parent, made.child, made.processing, made.taken_ml) == (bag, concentrate, None, None)
    assert ancestries_of([concentrate.pk])[concentrate.pk].ancestor_ids == {bag.pk}
    assert {plasma.unit, aliquot.unit, dna.unit} == {bag}
    assert (aliquot.volume_ml, dna.volume_ml) == (Decimal("1.5"), None)
    assert place_of_identifier(ISSUER, "CC00001") == "A-T02-BOX1-A05"
    assert {each.origin for each in (bag, concentrate, plasma, dna, bag.donation, bag.donation.donor)} == {"migrated"}


def test_parents_stand_before_or_after_their_children():
    imported(list(reversed(birth(1))))

    assert Lineage.objects.get().parent == unit("CB00001")
    assert sample("PL00001-A").unit == unit("CB00001")
    assert Donation.objects.count() == 1


def test_every_item_has_one_entry_that_says_all_and_the_record_folds():
    imported(birth(1))

    bodies = [json.loads(body) for body in LedgerEntry.objects.order_by("number").values_list("body", flat=True)]
    items = {body["item"]: body for body in bodies if body["item"]}
    assert len([body for body in bodies if body["item"]]) == len(items) == 5
    dna = items[sample("DN00001").code]["new"]
    assert (dna["made_from"], dna["lineage"]) == ("PL00001", "derived")
    assert dna["stated"] == {"quantity": "12.5 µg", "concentration": "55.25 ng/µL"}
    concentrate = items[unit("CC00001").code]
    assert concentrate["occurred_at"] == "2015-03-02T14:00:00.000000Z"
    assert concentrate["new"]["place"] == "A-T02-BOX1-A05"
    assert items[unit("CB00001").code]["new"]["place_stated"] == ""
    assert list(fold_findings()) == []
    assert list(ledger_findings()) == []


def test_visits_of_one_participant_are_donations_of_one_donor_in_this_file_and_the_next():
    imported([row("A1"), row("A2", Visit_Name="Birth 2"), row("B1", PPID="P-0002")])
    imported([row("A3", Visit_Name="Birth 3"), row("A4"), row("C1", PPID="P-0003")])

    first = unit("A1").donation
    assert unit("A4").donation == first
    donors = [unit(label).donation.donor_id for label in ("A1", "A2", "A3", "B1", "C1")]
    assert donors[0] == donors[1] == donors[2]
    assert len(set(donors)) == 3
    assert Donation.objects.count() == 5


def test_what_names_a_person_or_a_participant_is_nowhere_in_the_record():
    imported(birth(1))

    record = " ".join(LedgerEntry.objects.values_list("body", flat=True))
    assert CANARY.split()[0] not in record
    assert "KH-00-4711" not in record
    assert "P-0001" not in record
    assert not Donation.objects.filter(donor_key__contains="P-0001").exists()


def test_a_parent_that_the_bank_has_already_takes_the_child():
    imported(birth(1)[:1])

    imported([row("CC00001", "Concentrate", parent="CB00001", Quantity="25")])

    assert Lineage.objects.get().parent == unit("CB00001")
    assert Donation.objects.count() == 1


def test_children_of_a_known_row_in_the_same_file_come_under_it():
    imported(birth(1)[:1])

    plan = imported([row("CB00001"), row("PL1", "Plasma", parent="CB00001"), row("PL2", "Plasma", parent="PL1")])

    assert (plan.counted()["new"], plan.counted()["already_there"]) == (2, 1)
    assert sample("PL1").unit == sample("PL2").unit == unit("CB00001")
    assert Donation.objects.count() == 1


def test_what_is_made_from_a_unit_of_our_own_names_its_donation():
    own = frozen_unit()

    imported([row("AL1", "Concentrate", parent=own.code, PPID="P-77", Lineage="Aliquot", Quantity="2")])

    made = Lineage.objects.get(child=unit("AL1"))
    assert (made.parent, made.taken_ml) == (own, Decimal(2))
    assert UnitSource.objects.get(unit=unit("AL1")).donation == own.donation


def test_what_the_file_does_not_know_is_left_empty_counted_and_said():
    half = row("X2", Container="BOX1", PPID="P-9")

    plan = imported([row("X1"), half])

    counted = plan.counted()
    assert (counted["without_place"], counted["without_amount"], counted["new_racks"]) == (2, 2, 0)
    assert unit("X1").volume_ml is None
    entry = LedgerEntry.objects.get(kind="unit.registered", subjects__contains=unit("X2").code)
    assert json.loads(entry.body)["new"]["place_stated"] == "A-T02-BOX1"
    assert not Placement.objects.exists()


def test_the_same_table_is_refused_the_second_time():
    imported(birth(1))
    before = counts()

    with pytest.raises(FileImportedBefore):
        imported(birth(1))
    assert counts() == before


CYCLE = [
    row("SA", "Concentrate", parent="SC"),
    row("SB", "Concentrate", parent="SA"),
    row("SC", "Concentrate", parent="SB"),
    row("SD", "Concentrate", parent="SC"),
    row("SE"),
]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (CYCLE, [(2, "cycle"), (3, "cycle"), (4, "cycle")]),
        ([row("SA", "Concentrate", parent="SA")], [(2, "cycle")]),
        ([row("SA", "Plasma", parent="SB"), row("SB", "Plasma", parent="SA")], [(2, "cycle"), (3, "cycle")]),
        ([row("SA", "Plasma", parent="SB"), row("SB", "Plasma", parent="SB")], [(3, "cycle")]),
        ([row("SA"), row("SA", Visit_Name="Birth 2")], [(3, "code-twice")]),
        ([row("SA", "Plasma", parent="NOWHERE")], [(2, "no-parent")]),
        ([row("SA"), row("SB", "Plasma", parent="SA", Lineage="New")], [(3, "root-parent")]),
        ([row("SA", Lineage="Aliquot")], [(2, "no-parent-named")]),
        ([row("SA", Lineage="Cloned")], [(2, "code-refused")]),
        ([row("SA", Lineage="")], [(2, "missing")]),
        ([row("SA", "Whole Brain")], [(2, "code-refused")]),
        ([row("SA", "Plasma"), row("SB", "Concentrate", parent="SA")], [(3, "unit-of-sample")]),
        ([row("SA"), row("SB", "Plasma", parent="SA", PPID="P-0002")], [(3, "other-donation")]),
        ([row("SA", "DNA"), row("SB", "Plasma", parent="SA", Lineage="Aliquot")], [(3, "other-kind-of-aliquot")]),
        (
            [row("SA", Quantity="95"), row("SB", parent="SA", Lineage="Aliquot", Quantity="95.01")],
            [(3, "larger")],
        ),
        (
            [
                row("SA", Quantity="95"),
                *(row(f"SB{n}", parent="SA", Lineage="Aliquot", Quantity="40") for n in range(3)),
            ],
            [(5, "more-than-parent")],
        ),
        ([row("SA"), row("SB", "Plasma", parent="SA", Created_On="03-01-2015 10:00")], [(3, "before-parent")]),
        ([row("SA", Created_On="03-01-2015 10:00")], [(2, "times")]),
        ([row("SA", Created_On="2015-03-01")], [(2, "time-refused")]),
        ([row("SA", Created_On="03-29-2015 02:30")], [(2, "time-refused")]),
        ([row("SA"), row("SB", Collection_Date="03-03-2015 07:30")], [(3, "other-time")]),
        ([row("SA", Quantity="95", Class="Spirit")], [(2, "quantity-refused")]),
        ([row("SA", Quantity="95000")], [(2, "number-refused")]),
        ([row("SA", "DNA", Quantity="ten")], [(2, "number-refused")]),
        ([row("SA", "DNA", Concentration="about 5")], [(2, "number-refused")]),
        ([row("SA", PPID="")], [(2, "missing")]),
        ([row("SA", Visit_Name="")], [(2, "missing")]),
        ([row("SA", Container="BOX1", Column="1")], [(2, "code-refused")]),
        ([row("SA", Container="BOX1", Row="Z", Column="1")], [(2, "no-position")]),
    ],
)
def test_what_contradicts_itself_between_rows_is_listed_with_its_line(rows, expected):
    assert refused(*rows) == expected


def test_an_aliquot_larger_than_its_parent_in_the_bank_is_refused():
    imported([row("SA", Quantity="95")])

    assert refused(row("SB", parent="SA", Lineage="Aliquot", Quantity="96")) == [(2, "larger")]


def test_faults_of_all_kinds_are_listed_together_and_nothing_is_written():
    rows = [*CYCLE, row("SF", Quantity="many"), row("SG", "Plasma", parent="NOWHERE"), *birth(1)]

    assert refused(*rows) == [(2, "cycle"), (3, "cycle"), (4, "cycle"), (7, "number-refused"), (8, "no-parent")]


def test_a_row_without_a_label_and_without_a_place_says_nothing():
    plan = imported([row(""), row("SA")])

    assert (plan.counted()["new"], plan.counted()["empty_wells"]) == (1, 0)


def test_the_number_of_statements_does_not_follow_the_number_of_births():
    asked = []
    for start, number in ((1, 2), (50, 20)):
        rows = [each for n in range(start, start + number) for each in birth(n)]
        with CaptureQueriesContext(connection) as queries:
            imported(rows)
        asked.append(len([each for each in queries if each["sql"].startswith("SELECT")]))

    # The boxes of more births are more containers, each locked by the one question that locks them all.
    assert asked[1] <= asked[0] + 1


@pytest.mark.parametrize("what", ["Cord Blood", "Plasma"])
def test_a_chain_of_thousands_is_climbed_once(what):
    rows = [row("A0"), *(row(f"A{n}", what, parent=f"A{n - 1}") for n in range(1, 3000))]

    plan = check_import(given(list(reversed(rows))), at=NOON).plan

    assert plan.counted()["new"] == 3000
