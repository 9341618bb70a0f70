"""What must hold for a donation to be registered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.domain.donation import (
    DonationFacts,
    DonationRefused,
    check_registering_a_donation,
    obstacles_to_registering_a_donation,
)
from tests.factories.time import NOON, days, hours

GOOD = DonationFacts(
    collected_at=NOON - hours(2),
    consented_at=NOON - days(30),
    born_at=NOON - hours(2) - timedelta(minutes=5),
    clamp_seconds=60,
    gestational_age_days=280,
)
BORN = GOOD.collected_at


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"born_at": None, "clamp_seconds": None, "gestational_age_days": None}, []),
        ({"collected_at": NOON, "born_at": None}, []),
        ({"collected_at": NOON + timedelta(seconds=1), "born_at": None}, ["future-collection"]),
        ({"consented_at": None}, ["no-consent"]),
        ({"consented_at": GOOD.collected_at}, []),
        ({"consented_at": GOOD.collected_at + timedelta(seconds=1)}, ["before-consent"]),
        ({"frozen_at": GOOD.collected_at + timedelta(seconds=1)}, []),
        ({"frozen_at": GOOD.collected_at}, ["after-freezing"]),
        ({"born_at": BORN}, []),
        ({"born_at": BORN + timedelta(seconds=1)}, ["not-at-birth"]),
        ({"born_at": BORN - hours(6)}, []),
        ({"born_at": BORN - hours(6) - timedelta(seconds=1)}, ["not-at-birth"]),
        ({"clamp_seconds": 0}, []),
        ({"clamp_seconds": -1}, ["clamp-time"]),
        ({"clamp_seconds": 1800}, []),
        ({"clamp_seconds": 1801}, ["clamp-time"]),
        ({"gestational_age_days": 154}, []),
        ({"gestational_age_days": 153}, ["gestational-age"]),
        ({"gestational_age_days": 308}, []),
        ({"gestational_age_days": 309}, ["gestational-age"]),
        ({"consented_at": None, "clamp_seconds": -1}, ["no-consent", "clamp-time"]),
    ],
)
def test_every_obstacle_to_registering_is_named(changed: dict[str, object], codes: list[str]) -> None:
    facts = replace(GOOD, **changed)  # type: ignore[arg-type]

    assert [reason.code for reason in obstacles_to_registering_a_donation(facts, at=NOON)] == codes
    if codes:
        with pytest.raises(DonationRefused):
            check_registering_a_donation(facts, at=NOON)
    else:
        check_registering_a_donation(facts, at=NOON)
