"""What the database itself refuses about jobs."""

import pytest
from django.db import IntegrityError, transaction

from biobank.models.health import Verification
from biobank.models.idempotency import IdempotencyKey
from biobank.models.job import Heartbeat, Job
from biobank.services.job import queue_job
from tests.factories.person import person
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"state": "stuck"}, "job_is_in_a_known_state"),
        ({"state": "running"}, "only_a_running_job_is_leased"),
        ({"leased_until": NOON}, "only_a_running_job_is_leased"),
        ({"state": "done"}, "finished_job_has_its_time"),
        ({"finished_at": NOON}, "finished_job_has_its_time"),
        ({"state": "failed", "finished_at": NOON}, "failed_job_says_why"),
    ],
)
def test_a_job_is_always_in_one_clear_state(changed, constraint):
    job = queue_job("test.any", {}, by=person(), at=NOON)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**changed)


def test_a_key_serves_a_person_once():
    actor = person()
    kept = {"actor": actor, "key": "key-1", "body_sha256": "a" * 64, "answer": "{}", "created_at": NOON}
    IdempotencyKey.objects.create(**kept)

    with pytest.raises(IntegrityError), transaction.atomic():
        IdempotencyKey.objects.create(**kept)


def test_rows_show_themselves_shortly():
    shown = [
        str(Job(pk=3, kind="report.custody", state="done")),
        str(Heartbeat(name="beat", beat_at=NOON)),
        str(IdempotencyKey(key="key-1")),
        str(Verification(kind="ledger", at=NOON, ok=True)),
        str(Verification(kind="ledger", at=NOON, ok=False)),
    ]

    assert shown == [
        "report.custody #3 done",
        "beat 2026-03-14 12:00:00",
        "key-1",
        "ledger 2026-03-14 12:00 ok",
        "ledger 2026-03-14 12:00 failed",
    ]
