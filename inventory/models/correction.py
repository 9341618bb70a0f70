"""Corrections: one recorded fact, its old and its new value, why, and by whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of
from inventory.domain.correction import CorrectionStatus


class Correction(models.Model):
    """One correction of one fact of one row; of a result, the note that another result took its place.

    Values are kept as texts; ``new_number``, ``new_time`` and ``new_id`` hold the new one as the database compares it,
    where it is one: nothing but that value may be written while the correction is applying.
    """

    reference = models.CharField(max_length=16, unique=True)
    subject = models.CharField(max_length=80)
    noun = models.CharField(max_length=16)
    row_id = models.BigIntegerField()
    field = models.CharField(max_length=32)
    old_value = models.CharField(max_length=4000, blank=True)
    new_value = models.CharField(max_length=4000, blank=True)
    new_number = models.DecimalField(max_digits=18, decimal_places=3, null=True)
    new_time = models.DateTimeField(null=True)
    new_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500)
    rested = models.JSONField(default=list)
    needs_second = models.BooleanField(default=False)
    status = models.CharField(max_length=12)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    rejected_because = models.CharField(max_length=500, blank=True)
    deviation = models.ForeignKey(
        "inventory.Deviation", on_delete=models.PROTECT, null=True, related_name="corrections"
    )

    class Meta:
        constraints = [
            one_of("status", CorrectionStatus, name="correction_status_is_known"),
            models.UniqueConstraint(
                fields=["noun", "row_id", "field"],
                condition=Q(status="proposed"),
                name="one_open_correction_per_fact",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="a_correction_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | Q(status__in=["proposed", "rejected"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="what_a_verdict_rests_on_is_corrected_by_two",
            ),
            models.CheckConstraint(
                condition=Q(status="in_effect", effective_at__isnull=False)
                | (~Q(status="in_effect") & Q(effective_at__isnull=True)),
                name="a_correction_in_effect_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | (Q(rejected_by__isnull=False) & ~Q(rejected_because="")),
                name="a_rejected_correction_says_by_whom_and_why",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_correction_of_a_fact_says_why"),
        ]
        indexes = [models.Index(fields=["noun", "row_id", "field"], name="corrections_by_fact")]

    def __str__(self) -> str:
        return self.reference
