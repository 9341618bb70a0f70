from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inventory.domain.retest import Inquiry, Left, Retest, obstacles_left, settles

SIGNED = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEFT = Left(Inquiry.DEVIATION, "DEV-1", discard=False, since=SIGNED)
TESTED = Retest("tnc", stands=True, entered_at=SIGNED + HOUR, verified_at=SIGNED + HOUR)


@pytest.mark.parametrize(
    ("changed", "settled"),
    [
        ({}, True),
        ({"specimen_at": SIGNED + HOUR}, True),
        ({"specimen_at": SIGNED}, False),
        ({"entered_at": SIGNED}, False),
        ({"entered_at": SIGNED - HOUR}, False),
        ({"verified_at": SIGNED}, False),
        ({"verified_at": None}, False),
        ({"stands": False}, False),
        ({"assay": "hours_to_freezing"}, False),
    ],
)
def test_a_result_settles_it_that_was_measured_entered_and_verified_since(changed, settled):
    assert settles(replace(TESTED, **changed), LEFT) is settled


def test_nothing_settles_what_is_to_be_discarded():
    assert not settles(TESTED, replace(LEFT, discard=True))


def test_what_was_left_is_named_with_its_inquiry():
    warm = Left(Inquiry.EXCURSION, "EXC-1", discard=True, since=SIGNED)

    reasons = obstacles_left([LEFT, warm])

    assert [each.code for each in reasons] == ["deviation", "excursion"]
    assert reasons[0].text.startswith("Deviation DEV-1 left it to be tested first")
    assert reasons[1].text == "Excursion EXC-1 left it to be discarded."
