"""What must hold for a donation to be registered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.domain.donation import (
    COLLECTION_TYPES_FOR,
    DonationFacts,
    DonationPurpose,
    DonationRefused,
    SharedFacts,
    check_registering_a_donation,
    is_one_birth,
    obstacles_to_collection_type,
    obstacles_to_registering_a_donation,
    obstacles_to_sharing,
)
from inventory.domain.product_code import COLLECTION_TYPES
from inventory.domain.unit import ProductClass
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


UNRELATED, RELATED, AUTOLOGOUS = DonationPurpose.UNRELATED, DonationPurpose.RELATED, DonationPurpose.AUTOLOGOUS


def test_every_collection_type_agrees_with_one_purpose_but_for_the_one_that_says_to_look_elsewhere() -> None:
    agreeing = {
        each: [purpose for purpose, types in COLLECTION_TYPES_FOR.items() if each in types] for each in COLLECTION_TYPES
    }

    assert agreeing.pop("Q") == [UNRELATED, RELATED, AUTOLOGOUS]
    assert all(len(purposes) == 1 for purposes in agreeing.values()), agreeing


@pytest.mark.parametrize(
    ("collection_type", "purposes", "made_from", "refused"),
    [
        ("V", {UNRELATED}, "", False),
        ("V", {RELATED}, "", True),
        ("V", {AUTOLOGOUS}, "", True),
        ("R", {UNRELATED}, "", False),
        ("R", {RELATED}, "", True),
        ("0", {RELATED}, "", True),
        ("2", {RELATED}, "2", False),
        ("2", {UNRELATED}, "", True),
        ("1", {AUTOLOGOUS}, "", False),
        ("1", {AUTOLOGOUS, UNRELATED}, "", True),
        ("", {RELATED}, "", False),
        ("", {AUTOLOGOUS}, "", False),
        ("V", {UNRELATED}, "R", True),
        ("V", {UNRELATED}, "r", True),
        ("", {UNRELATED}, "R", True),
        ("R", {UNRELATED}, "R", False),
        ("r", {UNRELATED}, "R", False),
        ("R", {UNRELATED}, "V", False),
    ],
)
def test_a_label_agrees_with_the_purpose_and_research_stays_research(
    collection_type: str, purposes: set[DonationPurpose], made_from: str, refused: bool
) -> None:
    found = obstacles_to_collection_type("A9999S9002", collection_type, purposes, made_from=made_from)

    assert [each.code for each in found] == (["collection-type"] if refused else [])


def test_donations_of_one_birth_lie_within_seven_days() -> None:
    assert is_one_birth(NOON, NOON + days(7))
    assert is_one_birth(NOON, NOON - days(7))
    assert not is_one_birth(NOON, NOON + days(7) + timedelta(seconds=1))
    assert not is_one_birth(None, NOON)
    assert not is_one_birth(NOON, None)


FIRST = SharedFacts(1, 11, NOON)
SECOND = SharedFacts(1, 12, NOON + timedelta(minutes=20))


@pytest.mark.parametrize(
    ("product_class", "shared_with", "second", "refused"),
    [
        (ProductClass.PLACENTA, ("B",), SECOND, 0),
        (ProductClass.CORD_BLOOD, ("B",), SECOND, 1),
        (ProductClass.PLACENTA, ("C",), SECOND, 1),
        (ProductClass.PLACENTA, ("A",), SECOND, 1),
        (ProductClass.PLACENTA, ("B", "B"), SECOND, 1),
        (ProductClass.PLACENTA, ("B",), replace(SECOND, donor_id=2), 1),
        (ProductClass.PLACENTA, ("B",), replace(SECOND, collected_at=NOON + days(700)), 1),
        (ProductClass.PLACENTA, ("B",), replace(SECOND, infant_id=11), 1),
    ],
)
def test_only_a_placenta_is_shared_and_only_by_twins(
    product_class: ProductClass, shared_with: tuple[str, ...], second: SharedFacts, refused: int
) -> None:
    found = obstacles_to_sharing("A", product_class, shared_with, {"A": FIRST, "B": second})

    assert [each.code for each in found] == ["not-shared"] * refused
