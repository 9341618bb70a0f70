from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import OperationalError, connection, transaction

from biobank.domain.refusal import RuleViolation
from biobank.models.ledger import LedgerEntry
from biobank.models.site import Site
from biobank.services.ledger import RecordedOutsideService, record
from biobank.services.service import MOST_ATTEMPTS, after_commit, service
from tests.concurrency.threads import at_once
from tests.factories.person import the_system
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since

pytestmark = pytest.mark.django_db(transaction=True)


class NotToday(RuleViolation):
    code = "not-today"


class GivenUp(Exception):
    """What a driver raises when the database gives a transaction up."""

    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def write(code):
    Site.objects.create(code=code, name=code, kind="bank", time_zone="UTC", country="DE", registered_at=NOON)


@service
def note(code, *, by):
    write(code)
    record("site.registered", subjects=[code], by=by, at=NOON)


def codes():
    return set(Site.objects.values_list("code", flat=True))


def test_what_a_service_wrote_and_recorded_stands_together():
    by = the_system()
    before = head_number()

    note("ONE", by=by)

    assert "ONE" in codes()
    assert kinds_since(before) == ["site.registered"]


def test_a_service_within_a_service_joins_and_falls_with_it():
    by = the_system()

    @service
    def outer():
        note("INNER", by=by)
        assert LedgerEntry.objects.filter(subjects__contains="INNER").count() == 0
        raise NotToday("no")

    before = head_number()

    with pytest.raises(NotToday):
        outer()

    assert "INNER" not in codes()
    assert kinds_since(before) == []


def test_entries_of_nested_services_are_sealed_in_the_order_they_were_noted():
    by = the_system()

    @service
    def outer():
        note("FIRST", by=by)
        record("site.registered", subjects=["SECOND"], by=by, at=NOON)

    outer()

    assert [each.subjects for each in LedgerEntry.objects.order_by("number")][-2:] == ['["FIRST"]', '["SECOND"]']


def test_an_error_that_is_no_refusal_takes_everything_back_too():
    by = the_system()

    @service
    def outer():
        note("LOST", by=by)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()

    assert "LOST" not in codes()


def test_what_a_refusal_leaves_is_written_after_the_rollback_each_in_its_own_transaction():
    by, seen = the_system(), []

    def aftermath(code):
        seen.append(("REFUSED" in codes(), connection.in_atomic_block))
        note(code, by=by)

    @service
    def outer():
        note("REFUSED", by=by)
        raise NotToday("no", afterwards=(lambda: aftermath("TRACE-1"), lambda: aftermath("TRACE-2")))

    before = head_number()

    with pytest.raises(NotToday):
        outer()

    assert seen == [(False, True), (False, True)]
    assert {"TRACE-1", "TRACE-2"} <= codes()
    assert "REFUSED" not in codes()
    assert kinds_since(before) == ["site.registered"] * 2


def test_the_first_aftermath_stands_when_the_second_fails():
    by = the_system()

    def fail():
        note("SECOND", by=by)
        raise ZeroDivisionError

    @service
    def outer():
        raise NotToday("no", afterwards=(lambda: note("FIRST", by=by), fail))

    with pytest.raises(ZeroDivisionError):
        outer()

    assert "FIRST" in codes()
    assert "SECOND" not in codes()


def test_a_refusal_of_a_nested_service_leaves_its_trace_once_and_only_at_the_end():
    by, times = the_system(), []

    @service
    def inner():
        raise NotToday("no", afterwards=(lambda: times.append(connection.in_atomic_block),))

    @service
    def outer():
        note("OUTER", by=by)
        inner()

    with pytest.raises(NotToday):
        outer()

    assert times == [True]
    assert "OUTER" not in codes()


def test_recording_outside_a_service_is_a_defect():
    by = the_system()
    before = head_number()

    with pytest.raises(RecordedOutsideService):
        record("site.registered", subjects=["X"], by=by, at=NOON)

    assert kinds_since(before) == []


def test_what_waits_for_the_commit_runs_after_it_and_may_call_a_service():
    by, seen = the_system(), []

    @service
    def outer():
        note("OUTER", by=by)
        after_commit(lambda: (seen.append(connection.in_atomic_block), note("LATER", by=by)))

    before = head_number()
    outer()

    assert seen == [False]
    assert {"OUTER", "LATER"} <= codes()
    assert kinds_since(before) == ["site.registered"] * 2


def test_what_waits_for_the_commit_never_runs_without_one():
    seen = []

    @service
    def outer():
        after_commit(lambda: seen.append(1))
        raise NotToday("no")

    with pytest.raises(NotToday):
        outer()

    assert seen == []


def given_up(sqlstate, *, times):
    """Return a service that the database gives up so often before it succeeds, and the list of its attempts."""
    by, attempts = the_system(), []

    @service
    def unlucky():
        attempts.append(len(attempts))
        note(f"TRY-{len(attempts)}", by=by)
        if len(attempts) <= times:
            raise OperationalError(sqlstate) from GivenUp(sqlstate)

    return unlucky, attempts


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_the_database_gave_up_for_another_transaction_is_tried_again_whole(sqlstate):
    unlucky, attempts = given_up(sqlstate, times=MOST_ATTEMPTS - 1)
    before = head_number()

    unlucky()

    assert len(attempts) == MOST_ATTEMPTS
    assert codes() & {"TRY-1", "TRY-2", "TRY-3"} == {"TRY-3"}
    assert kinds_since(before) == ["site.registered"]


def test_it_is_tried_three_times_and_then_told():
    unlucky, attempts = given_up("40001", times=MOST_ATTEMPTS)

    with pytest.raises(OperationalError):
        unlucky()

    assert len(attempts) == MOST_ATTEMPTS
    assert "TRY-3" not in codes()


@pytest.mark.parametrize("sqlstate", ["57014", "08006"])
def test_any_other_trouble_of_the_database_is_told_at_once(sqlstate):
    unlucky, attempts = given_up(sqlstate, times=1)

    with pytest.raises(OperationalError):
        unlucky()

    assert len(attempts) == 1


def test_within_somebodys_transaction_nothing_is_tried_again():
    unlucky, attempts = given_up("40001", times=1)

    with pytest.raises(OperationalError), transaction.atomic():
        unlucky()

    assert len(attempts) == 1


@pytest.mark.postgresql
def test_two_services_that_wait_for_each_other_both_end_well():
    by = the_system()
    note("LEFT", by=by)
    note("RIGHT", by=by)
    both_hold = Barrier(2, timeout=30)

    @service
    def rename(first, second):
        lock(first)
        meet(both_hold)
        lock(second)
        Site.objects.filter(code=second).update(name=f"after {first}")

    answers = at_once([lambda: rename("LEFT", "RIGHT"), lambda: rename("RIGHT", "LEFT")])

    assert answers == [None, None]
    names = dict(Site.objects.filter(code__in=["LEFT", "RIGHT"]).values_list("code", "name"))
    assert names == {"LEFT": "after RIGHT", "RIGHT": "after LEFT"}


def lock(code):
    return Site.objects.select_for_update().get(code=code)


def meet(barrier):
    """Wait for the other the first time; whoever tries again goes on alone."""
    with suppress(BrokenBarrierError):
        barrier.wait()
        barrier.abort()
