"""Background work as rows, and the heartbeats of what should be running."""

from django.db import models

from biobank.choices import one_of
from biobank.domain.job import JobState
from biobank.models.person import Person


class Job(models.Model):
    """One piece of background work; a worker holds it only as long as its lease."""

    kind = models.CharField(max_length=64)
    payload = models.TextField(default="{}")
    state = models.CharField(max_length=16, default=JobState.WAITING.value)
    queued_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="jobs")
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    result = models.TextField(blank=True)
    failure = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "due_at"], name="job_by_state_and_due_time")]
        constraints = [
            one_of("state", JobState, name="job_is_in_a_known_state"),
            models.CheckConstraint(
                condition=models.Q(state="running", lease__isnull=False, leased_until__isnull=False)
                | (~models.Q(state="running") & models.Q(lease__isnull=True, leased_until__isnull=True)),
                name="only_a_running_job_is_leased",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "failed"], finished_at__isnull=False)
                | (~models.Q(state__in=["done", "failed"]) & models.Q(finished_at__isnull=True)),
                name="finished_job_has_its_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(failure=""), name="failed_job_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} {self.state}"


class Heartbeat(models.Model):
    """When a part that runs unattended was last seen alive."""

    name = models.CharField(max_length=32, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at:%Y-%m-%d %H:%M:%S}"
