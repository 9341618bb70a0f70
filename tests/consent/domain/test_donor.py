import pytest

from consent.domain.donor import DonorRefused, InfantFacts, check_infants, obstacles_to_infants
from tests.factories.time import NOON, hours


@pytest.mark.parametrize(
    ("infants", "codes"),
    [
        ([], []),
        ([InfantFacts(1)], []),
        ([InfantFacts(2, born_at=NOON), InfantFacts(1, born_at=NOON - hours(1))], []),
        ([InfantFacts(1, born_at=NOON), InfantFacts(2)], []),
        ([InfantFacts(2)], ["order"]),
        ([InfantFacts(1), InfantFacts(1)], ["order"]),
        ([InfantFacts(0), InfantFacts(1)], ["order"]),
        ([InfantFacts(1, born_at=NOON), InfantFacts(2, born_at=NOON - hours(1))], ["birth-order"]),
        ([InfantFacts(1, born_at=NOON + hours(1))], ["future-birth"]),
        (
            [InfantFacts(3, born_at=NOON + hours(1)), InfantFacts(4, born_at=NOON)],
            ["order", "birth-order", "future-birth"],
        ),
    ],
)
def test_infants_are_numbered_in_the_order_of_their_birth(infants, codes):
    assert [reason.code for reason in obstacles_to_infants(infants, at=NOON)] == codes


def test_the_check_raises_every_reason():
    with pytest.raises(DonorRefused) as refusal:
        check_infants([InfantFacts(2, born_at=NOON + hours(1))], at=NOON)

    assert [reason.code for reason in refusal.value.reasons] == ["order", "future-birth"]
