"""The same command sent many times at once has one effect, and everybody gets its answer."""

from contextlib import contextmanager
from threading import Event, Thread
from time import sleep

import pytest
from django.db import OperationalError, connection

from biobank.domain.idempotency import KeyInUse
from biobank.models.idempotency import IdempotencyKey
from biobank.models.site import Site
from biobank.services import idempotency
from biobank.services.idempotency import once
from biobank.services.service import service
from tests.concurrency.threads import at_once
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
THREADS = 16
BODY = "a" * 64


def register_slowly():
    """Have an effect that no constraint makes single."""
    number = Site.objects.count()
    sleep(0.05)
    made = Site.objects.create(
        code=f"MADE-{number}-{id(object())}",
        name="Made",
        kind="bank",
        time_zone="UTC",
        country="DE",
        registered_at=NOON,
    )
    return {"site": made.pk}


def effects():
    return Site.objects.filter(name="Made").count()


def test_sixteen_copies_of_a_command_have_one_effect_and_one_answer():
    actor = person()

    answers = at_once([lambda: once(actor, "key-1", BODY, register_slowly, at=NOON)] * THREADS)

    assert effects() == 1
    assert {answer.get("site") for answer in answers} == {Site.objects.get(name="Made").pk}
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * (THREADS - 1)


def test_canary_without_the_unique_key_the_same_race_has_many_effects():
    actor = person()

    with no_unique_key():
        at_once([lambda: once(actor, "key-1", BODY, register_slowly, at=NOON)] * THREADS)

        assert effects() > 1
        IdempotencyKey.objects.all().delete()


def test_the_second_gets_a_refusal_when_the_first_takes_too_long(monkeypatch):
    monkeypatch.setattr(idempotency, "LONGEST_WAIT_SECONDS", 1)
    actor, is_inside, may_end = person(), Event(), Event()

    def call():
        is_inside.set()
        may_end.wait(30)
        return register_slowly()

    first = Thread(target=at_once, args=([lambda: once(actor, "key-1", BODY, call, at=NOON)],))
    first.start()
    is_inside.wait(30)
    with pytest.raises(KeyInUse):
        once(actor, "key-1", BODY, register_slowly, at=NOON)
    may_end.set()
    first.join()

    assert effects() == 1
    assert once(actor, "key-1", BODY, register_slowly, at=NOON).replayed


def test_another_trouble_of_the_database_is_not_taken_for_a_long_wait():
    actor, is_inside, may_end = person(), Event(), Event()

    def call():
        is_inside.set()
        may_end.wait(30)
        return {}

    @service
    def impatient():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '200ms'")
        return once(actor, "key-1", BODY, register_slowly, at=NOON)

    first = Thread(target=at_once, args=([lambda: once(actor, "key-1", BODY, call, at=NOON)],))
    first.start()
    is_inside.wait(30)
    with pytest.raises(OperationalError, match="statement timeout"):
        impatient()
    may_end.set()
    first.join()

    assert effects() == 0


def test_when_the_first_is_refused_the_waiting_second_has_the_effect():
    actor, is_inside = person(), Event()

    def refuse():
        is_inside.set()
        sleep(0.3)
        raise ValueError("the first fails")

    first = Thread(target=at_once, args=([lambda: once(actor, "key-1", BODY, refuse, at=NOON)],))
    first.start()
    is_inside.wait(30)
    answer = once(actor, "key-1", BODY, register_slowly, at=NOON)
    first.join()

    assert not answer.replayed
    assert effects() == 1


def test_the_bound_on_waiting_ends_with_the_taking_of_the_key():
    actor = person()

    @service
    def timeout_inside():
        once(actor, "key-1", BODY, dict, at=NOON)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return cursor.fetchone()[0]

    assert timeout_inside() == "0"


@contextmanager
def no_unique_key():
    table, name = IdempotencyKey._meta.db_table, "one_effect_per_actor_and_key"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (actor_id, key)")
