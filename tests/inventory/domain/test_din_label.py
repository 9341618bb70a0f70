import pytest

from inventory.domain.din import Din
from inventory.domain.din_label import LabelsRefused, Reconciliation, Roll, check_roll, check_spoiling

FIRST, LAST = Din("A999926000101"), Din("A999926000200")


def test_a_roll_counts_its_labels():
    assert (Roll(FIRST, LAST).count, Roll(FIRST, LAST).prefix) == (100, "A999926")
    check_roll(Roll(FIRST, LAST), overlapping=())
    check_roll(Roll(FIRST, FIRST), overlapping=())


@pytest.mark.parametrize(
    ("first", "last", "overlapping", "match"),
    [
        (FIRST, Din("A999927000200"), (), "one facility and year"),
        (LAST, FIRST, (), "comes before the first"),
        (FIRST, Din("A999926010101"), (), "at most 10000"),
        (FIRST, LAST, ("LBL-1",), "issued in LBL-1"),
    ],
)
def test_what_is_no_roll_is_refused(first, last, overlapping, match):
    with pytest.raises(LabelsRefused, match=match):
        check_roll(Roll(first, last), overlapping=overlapping)


@pytest.mark.parametrize(
    ("known", "reason", "match"),
    [
        ({"issued": False, "used": False, "spoiled": False}, "torn", "never issued"),
        ({"issued": True, "used": True, "spoiled": False}, "torn", "is a donation's"),
        ({"issued": True, "used": False, "spoiled": True}, "torn", "spoiled before"),
        ({"issued": True, "used": False, "spoiled": False}, "", "reason is missing"),
    ],
)
def test_a_label_is_spoiled_once_and_only_if_it_is_free(known, reason, match):
    with pytest.raises(LabelsRefused, match=match):
        check_spoiling(FIRST, reason, **known)


def test_what_is_left_is_neither_used_nor_spoiled():
    assert Reconciliation("LBL-1", issued=100, used=40, spoiled=3).left == 57
