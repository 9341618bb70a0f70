import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.personal_header import NAMES, is_personal, not_ignored, plain_header


@pytest.mark.parametrize(
    "header",
    [
        *("First Name", "last_name", "Date Of Birth", "DATE-OF-BIRTH", "e-mail", "PMI#1#MRN", "PMI#12#Site Name"),
        *("Created By#Email Address", "eMPI", "National ID", "Path. Number", "Geburtsdatum", "Receiver"),
    ],
)
def test_a_header_that_tells_who_somebody_is_is_known_however_it_is_written(header):
    assert is_personal(header)


@pytest.mark.parametrize(
    "header", ["", "PPID", "Specimen Label", "Created On", "Visit Name", "Collection Site", "Quantity", "#1#", "Type"]
)
def test_a_header_that_does_not_is_let_pass(header):
    assert not is_personal(header)


def test_one_name_stands_for_every_repetition_of_a_group_and_for_no_other():
    headers = ["PMI#1#MRN", "PMI#2#MRN", "MRN", "PPID"]

    assert not_ignored(headers, ["PMI#MRN"]) == ["MRN"]
    assert not_ignored(headers, []) == ["PMI#1#MRN", "PMI#2#MRN", "MRN"]


@given(st.sampled_from(sorted(NAMES)), st.sampled_from([" ", "_", "-", " . "]), st.integers(0, 99))
def test_case_joints_and_numbers_hide_no_name(name, joint, number):
    header = f"Group#{number}#{name.upper().replace(' ', joint)}"

    assert is_personal(header)
    assert plain_header(header) == ("group", name)
