"""The lock-out rule."""

from datetime import timedelta

import pytest

from biobank.domain.attempt import Count, LockedOut, after_wrong_attempt, check_not_locked, is_locked
from tests.factories.time import NOON

LOCK_OUT = timedelta(minutes=30)


def after(count, at=NOON):
    return after_wrong_attempt(count, at, most=5, lock_out=LOCK_OUT)


@pytest.mark.parametrize(("wrong", "locks"), [(0, False), (3, False), (4, True)])
def test_the_fifth_wrong_attempt_in_a_row_locks(wrong, locks):
    count = after(Count(wrong=wrong))

    assert count.wrong == wrong + 1
    assert is_locked(count, NOON) is locks


def test_an_attempt_while_locked_does_not_prolong_the_lock_out():
    locked = Count(wrong=5, locked_until=NOON + LOCK_OUT)

    assert after(locked, NOON + timedelta(minutes=29)) == locked


def test_after_the_lock_out_counting_starts_again():
    locked = Count(wrong=5, locked_until=NOON)

    assert after(locked, NOON) == Count(wrong=1)


@pytest.mark.parametrize(("later", "locked"), [(0, True), (1799, True), (1800, False), (3600, False)])
def test_the_instant_of_the_end_is_past(later, locked):
    assert is_locked(Count(wrong=5, locked_until=NOON + LOCK_OUT), NOON + timedelta(seconds=later)) is locked


@pytest.mark.parametrize(
    ("left", "words"), [(1800, "30 minutes"), (61, "2 minutes"), (60, "1 minute,"), (1, "1 minute,")]
)
def test_the_refusal_says_how_long_it_lasts(left, words):
    count = Count(wrong=5, locked_until=NOON + timedelta(seconds=left))

    with pytest.raises(LockedOut) as refusal:
        check_not_locked(count, NOON)

    assert words in refusal.value.mend


def test_an_unlocked_username_is_not_refused():
    check_not_locked(Count(wrong=4), NOON)
    check_not_locked(Count(wrong=5, locked_until=NOON), NOON)
