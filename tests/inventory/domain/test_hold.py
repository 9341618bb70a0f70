"""Who may lift a hold."""

import pytest

from biobank.domain.role import Role
from inventory.domain.hold import HoldRefused, LiftFacts, check_lifting, obstacles_to_lifting

QUALITY = frozenset({Role.QUALITY_REVIEWER})


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (LiftFacts("ana", "ben", QUALITY, is_open=True, because="cleared"), []),
        (LiftFacts("ana", "ben", {Role.MEDICAL_DIRECTOR}, is_open=True, because="cleared"), []),
        (LiftFacts("ana", "ana", QUALITY, is_open=True, because="cleared"), ["same-person"]),
        (LiftFacts("ana", "ben", {Role.LAB_TECHNICIAN}, is_open=True, because="cleared"), ["not-quality"]),
        (LiftFacts("ana", "ben", frozenset(), is_open=True, because="cleared"), ["not-quality"]),
        (LiftFacts("ana", "ben", QUALITY, is_open=False, because="cleared"), ["already-lifted"]),
        (LiftFacts("ana", "ben", QUALITY, is_open=True, because="  "), ["no-reason"]),
    ],
)
def test_only_quality_lifts_a_hold_and_never_who_placed_it(facts: LiftFacts, codes: list[str]) -> None:
    assert [reason.code for reason in obstacles_to_lifting(facts)] == codes
    if codes:
        with pytest.raises(HoldRefused):
            check_lifting(facts)
    else:
        check_lifting(facts)
