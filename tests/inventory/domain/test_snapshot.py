"""Whether an issued release still rests on what was signed."""

import pytest

from inventory.domain.snapshot import is_as_signed

FACTS = {"unit": {"expiry": "2040"}, "reservation": {"lapses_at": "2026-03-20"}}
SIGNED = {"delivery_address": "2 Clinic Road", "weight_kg": "62.5", "recipient": "P-7", "units": [{"facts": FACTS}]}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"delivery_address": "9 Elsewhere"}, False),
        ({"weight_kg": "70"}, False),
        ({"recipient": "P-8"}, False),
        ({"units": [{"facts": FACTS | {"unit": {"expiry": "2041"}}}]}, False),
        ({"units": [{"facts": FACTS | {"reservation": {"lapses_at": None}}}]}, True),
        ({"units": []}, False),
    ],
)
def test_all_that_was_signed_stays_but_the_end_of_the_reservation(changed: dict[str, object], expected: bool):
    assert is_as_signed(SIGNED, SIGNED | changed) is expected
