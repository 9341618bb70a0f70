"""Whose a row of an imported file is: its donation and parent, known, registered, or refused."""

import pytest

from consent.queries.consent import consent_status
from inventory.models.donation import Donation
from inventory.models.identifier import Identifier
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from tests.factories.donation import next_din
from tests.factories.import_file import REFUSED_PARENT, VIALS, imported, refused, vials
from tests.factories.rack_scan import (
    ISSUER,
    changed,
    scan,
    scanned_row,
    scanner_mapping,
    tank,
    tube_code,
)
from tests.factories.time import NOON
from tests.factories.unit import frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (tank,)


def test_tubes_of_one_source_share_a_donation_whose_donor_has_given_no_consent():
    tank()

    imported(scan())

    donations = list(Donation.objects.all())
    assert len(donations) == len({donation.donor_id for donation in donations}) == 12
    assert {donation.origin for donation in donations} | {each.donor.origin for each in donations} == {"migrated"}
    statuses = consent_status([donation.donor_id for donation in donations], NOON)
    assert {status.given_at for status in statuses.values()} == {None}


def test_a_source_seen_in_an_earlier_file_is_the_same_donation():
    tank()
    imported(scan([scanned_row(0)]))

    imported(scan([scanned_row(1)]), scanner_mapping(REFUSED_PARENT))

    assert Donation.objects.count() == 1
    assert ReferenceSample.objects.count() == 2


def test_an_isbt_128_code_is_the_unit_s_own_and_its_number_the_donation_s():
    tank()
    din = next_din()[:13]

    imported(vials(f"VR1;A1;={din}00=<S9002V00;1;", f"VR1;A2;={din}00=<S9002VA0;1;"), VIALS)

    assert sorted(Unit.objects.values_list("code", flat=True)) == [f"{din}S9002V00", f"{din}S9002VA0"]
    assert list(Donation.objects.values_list("din", "origin")) == [(din, "migrated")]
    assert not Identifier.objects.exists()


def test_a_donation_number_alone_is_completed_by_the_product_code_of_the_mapping():
    tank()
    din = next_din()[:13]
    mapping = changed(VIALS, ('kind = "vial"', 'kind = "vial"\nproduct_code = "S9002V00"'))

    imported(vials(f"VR1;A1;={din}00;1;"), mapping)

    assert Unit.objects.get().code == f"{din}S9002V00"


def test_a_tube_whose_parent_is_a_unit_of_the_bank_comes_under_that_unit_and_donor():
    tank()
    unit = frozen_unit()
    mapping = scanner_mapping(REFUSED_PARENT)

    imported(scan([scanned_row(0, source=unit.code)]), mapping)

    sample = ReferenceSample.objects.get(identifiers__value=tube_code(0))
    assert (sample.unit, sample.donation) == (unit, unit.donation)


def test_a_tube_s_parent_is_found_by_the_number_of_its_donation():
    tank()
    unit = frozen_unit()

    imported(scan([scanned_row(0, source=f"={unit.donation.din}00")]), scanner_mapping(REFUSED_PARENT))

    sample = ReferenceSample.objects.get(identifiers__value=tube_code(0))
    assert (sample.unit, sample.donation) == (None, unit.donation)


def test_a_tube_s_parent_is_found_by_another_tube_s_identifier():
    tank()
    imported(scan([scanned_row(0)]))
    mapping = scanner_mapping(REFUSED_PARENT, ("Old donor register", ISSUER))

    imported(scan([scanned_row(1, source=tube_code(0))]), mapping)

    assert Donation.objects.count() == 1


def test_an_unknown_parent_is_refused_unless_the_mapping_registers_it():
    tank()

    assert refused(scan([scanned_row(0)]), scanner_mapping(REFUSED_PARENT)) == [(2, "no-parent")]


def test_a_donation_number_without_a_product_code_is_refused():
    tank()

    assert refused(vials(f"VR1;A1;={next_din()[:13]}00;1;"), VIALS) == [(2, "no-product-code")]


def test_a_unit_whose_number_is_not_its_parent_s_is_refused():
    tank()
    unit = frozen_unit()
    section = '[parent]\ncolumn = 5\nissuer = "x"\n[rack]'
    mapping = changed(VIALS, ("[rack]", section), ('column = "Viability"', "column = 4"))

    other = next_din()[:13]

    assert (2, "other-donation") in refused(vials(f"VR1;A1;={other}00=<S9002V00;2;{unit.code}"), mapping)


def test_a_unit_whose_number_is_not_that_of_its_unknown_parent_is_refused():
    tank()
    section = '[parent]\ncolumn = 5\nissuer = "x"\nunknown = "register"\n[rack]'
    mapping = changed(VIALS, ("[rack]", section), ('column = "Viability"', "column = 4"))
    one, other = next_din()[:13], next_din()[:13]

    assert (2, "other-donation") in refused(vials(f"VR1;A1;={one}00=<S9002V00;2;={other}00"), mapping)


def test_the_product_code_of_a_unit_is_said_by_a_column():
    tank()
    din = next_din()[:13]
    by_column = 'kind = "vial"\nproduct_code = { column = 5 }'
    mapping = changed(VIALS, ('kind = "vial"', by_column), ('column = "Viability"', "column = 4"))

    imported(vials(f"VR1;A1;={din}00;2;S9002V00"), mapping)

    assert Unit.objects.get().product_code == "S9002V00"


def test_a_result_of_the_mother_is_entered_of_the_donation_with_its_tube():
    tank()
    results = '[[results]]\ncolumn = 10\nassay = "hla_a"\nsubject = "mother"\nmethod = "NGS"\n[scanned]'
    rows = [scanned_row(number, who='"A*02:01 A*01:01"') for number in range(3)]

    imported(scan(rows), scanner_mapping(("[scanned]", results)))

    result = Result.objects.first()
    assert Result.objects.count() == 3
    assert (result.subject, result.text, result.method) == ("mother", "A*01:01+A*02:01", "NGS")
    assert result.donation == result.sample.donation


def test_two_rows_of_a_donation_that_say_different_times_of_collection_are_refused():
    tank()
    collected = '[collected]\ncolumn = "Time_Stamp"\nformat = "%Y%m%d_%H%M%S"\nzone = "UTC"\n[scanned]'

    assert refused(scan([scanned_row(0), scanned_row(1)]), scanner_mapping(("[scanned]", collected))) == [
        (3, "other-time")
    ]


def test_a_parent_found_in_two_donations_is_refused():
    tank()
    unit = frozen_unit()
    imported(scan([scanned_row(0)]))
    Identifier.objects.create(issuer="Old donor register", value=unit.code, sample=ReferenceSample.objects.last())

    assert refused(scan([scanned_row(9, source=unit.code)])) == [(2, "ambiguous-parent")]
