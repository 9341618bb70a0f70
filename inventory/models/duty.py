"""Duties: what is owed after an event, by when, and that it was done."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.duty import DutyKind


class Duty(models.Model):
    """One thing owed about one code (a donation, a unit, a request, a deviation), open until somebody did it."""

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=80)
    because = models.CharField(max_length=500)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("kind", DutyKind, name="duty_kind_is_known"),
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(done_at__isnull=True), name="one_open_duty_per_kind_and_subject"
            ),
            models.CheckConstraint(
                condition=Q(done_by__isnull=True, done_at__isnull=True)
                | (Q(done_by__isnull=False, done_at__isnull=False) & ~Q(done_note="")),
                name="a_duty_done_has_person_time_and_note",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="open_duties_by_due")]

    def __str__(self) -> str:
        return self.reference
