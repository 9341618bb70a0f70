"""Loading the bank's table of product codes, and what it refuses from then on."""

from dataclasses import replace

import pytest

from biobank.domain.role import Role
from inventory.domain.product_table import ProductCodeNotYetValid, ProductCodeUnknown
from inventory.domain.unit import ProductClass, UnitKind
from inventory.exchange.table import TableRefused
from inventory.models.import_file import ImportFile
from inventory.models.product_code import ProductCode
from inventory.queries.product_code import product_table
from inventory.services.donation import Collected, register_donations
from inventory.services.processing import process_units
from inventory.services.product_code import CodeFile, ProductCodesLoadedBefore, ProductCodesRefused, load_product_codes
from tests.factories.donation import REGISTERED_AT, new_donation
from tests.factories.person import staff
from tests.factories.time import NOON, days
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import child_of, new_processing, received_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (received_unit,)

HEADER = "code,class,modifiers,text,valid_from\n"
CORD_BLOOD = 'S9001,"HPC, CORD BLOOD",,"HPC, CORD BLOOD|NS/XX/rt",2020-01-01\n'
CRYO = 'S9002,"HPC, CORD BLOOD",Cryopreserved,"HPC, CORD BLOOD|NS/XX/<=-150C",2020-01-01\n'


def code_file(*rows, name="codes.csv"):
    return CodeFile(name, (HEADER + "".join(rows)).encode())


def load(*rows, name="codes.csv", at=NOON):
    return load_product_codes(code_file(*rows, name=name), by=staff(Role.QUALITY_REVIEWER), at=at)


def labelled(code):
    """Return a donation whose bag bears a product code, still to be registered."""
    usual = new_donation()
    bag = Collected(ProductClass.CORD_BLOOD, UnitKind.COLLECTED_BAG, code, volume_ml=usual.collected[0].volume_ml)
    return replace(usual, collected=(bag,))


def register(new, at=REGISTERED_AT):
    return register_donations([new], by=new.collector, at=at)


def test_a_table_is_loaded_whole_with_one_entry():
    by, before = staff(Role.QUALITY_REVIEWER), head_number()

    file = load_product_codes(code_file(CORD_BLOOD, CRYO), by=by, at=NOON)

    assert (file.kind, file.rows, file.imported_by) == ("product codes", 2, by)
    assert [str(row) for row in ProductCode.objects.order_by("code")] == [
        "S9001 HPC, CORD BLOOD",
        "S9002 HPC, CORD BLOOD",
    ]
    assert {row.loaded_from for row in ProductCode.objects.all()} == {file}
    assert kinds_since(before) == ["product_codes.loaded"]
    assert last_of("product_codes.loaded")["new"] == {"name": "codes.csv", "sha256": file.sha256, "rows": 2}


def test_the_same_file_twice_is_refused_whatever_it_is_called():
    load(CORD_BLOOD)

    with pytest.raises(ProductCodesLoadedBefore, match="2026-03-14 at 12:00"), nothing_changes():
        load(CORD_BLOOD, name="again.csv", at=NOON + days(1))


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ((CORD_BLOOD, CORD_BLOOD), "line 3, code: S9001 stands in the file twice"),
        ((CORD_BLOOD, CRYO.replace("S9002", "S900X")), "line 3, code: “S900X” is no product description code"),
        ((CORD_BLOOD, "S9003,x\n"), "line 3"),
        ((), "holds no product code"),
    ],
)
def test_a_file_with_a_fault_loads_nothing(rows, match):
    with pytest.raises(ProductCodesRefused, match=match) as refused, nothing_changes():
        load(*rows)

    assert refused.value.faults


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a spreadsheet", b"%PDF-1.7"])
def test_what_is_no_table_loads_nothing(data):
    with pytest.raises(TableRefused), nothing_changes():
        load_product_codes(CodeFile("codes", data), by=staff(Role.QUALITY_REVIEWER), at=NOON)


def test_of_two_files_the_later_one_counts_and_the_first_stays():
    load(CORD_BLOOD, CRYO)
    load(CORD_BLOOD.replace("2020-01-01", "2021-05-05"))

    table = product_table(["S9001V00", "S9002V00", "S9003V00"])

    assert sorted(table.rows) == ["S9001", "S9002"]
    assert table.rows["S9001"].valid_from.year == 2021
    assert (ProductCode.objects.count(), ImportFile.objects.count()) == (3, 2)


def test_the_table_costs_one_query_while_it_is_empty_and_two_once_it_is_loaded(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not product_table(["S9001V00"]).is_loaded
    load(CORD_BLOOD, CRYO)
    for asked in (["S9001V00"], ["S9001V00", "S9002V00", "T1234000", ""]):
        with django_assert_num_queries(2):
            product_table(asked)


def test_once_loaded_a_donation_is_registered_with_codes_of_the_table_only():
    load(CORD_BLOOD)

    [registered] = register(labelled("S9001V00"))

    assert registered.units[0].product_code == "S9001V00"
    unknown = labelled("S9002V00")
    with pytest.raises(ProductCodeUnknown, match="S9002"), nothing_changes():
        register(unknown)


def test_a_code_that_is_not_valid_yet_registers_no_donation():
    load(CORD_BLOOD.replace("2020-01-01", "2027-01-01"), CRYO)
    too_early = labelled("S9001V00")

    with pytest.raises(ProductCodeNotYetValid, match="2027-01-01"), nothing_changes():
        register(too_early)


def test_once_loaded_children_have_codes_of_the_table_only():
    parent = received_unit()
    load(CORD_BLOOD)
    processing = new_processing(parent, children=(child_of(parent, product_code="S9002V00"),))

    with pytest.raises(ProductCodeUnknown, match="S9002"), nothing_changes():
        process_units([processing], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    load(CRYO)
    ((child,),) = process_units([processing], by=staff(Role.LAB_TECHNICIAN), at=NOON)

    assert child.product_code == "S9002V00"
