"""Leases, retries and pauses of background work."""

from datetime import timedelta

import pytest

from biobank.domain.job import LEASE, MOST_ATTEMPTS, may_try_again, pause_after


def test_a_killed_workers_job_is_free_within_a_minute_with_a_sweep_every_twenty_seconds():
    assert LEASE + timedelta(seconds=20) <= timedelta(minutes=1)


@pytest.mark.parametrize(("attempts", "again"), [(1, True), (MOST_ATTEMPTS - 1, True), (MOST_ATTEMPTS, False)])
def test_a_job_is_tried_so_often_and_no_more(attempts, again):
    assert may_try_again(attempts) is again


def test_each_pause_is_longer_than_the_one_before():
    pauses = [pause_after(attempts).total_seconds() for attempts in range(1, MOST_ATTEMPTS)]

    assert pauses == [10, 40, 160, 640]
