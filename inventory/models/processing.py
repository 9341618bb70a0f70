"""Processing: what turned parents into children."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Processing(models.Model):
    """One run of a method on the parents named by its lineage. Volumes in millilitres.

    What it used is said by rows (``batch_uses``, ``equipment_uses``). ``batches`` is what an older record wrote of it
    in words, for the units that were migrated with it; it stays readable and nothing is added to it.
    """

    reference = models.CharField(max_length=16, unique=True)
    method = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    volume_before_ml = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    volume_after_ml = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    additives = models.JSONField(default=list)
    freezer_run = models.CharField(max_length=32, blank=True)
    stays_frozen = models.BooleanField(default=False)
    batches = models.JSONField(default=list)
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | Q(frozen_at__gte=F("started_at")),
                name="freezing_follows_the_start_of_processing",
            ),
            models.CheckConstraint(
                condition=Q(stays_frozen=False) | Q(frozen_at__isnull=True), name="what_stays_frozen_is_not_frozen_anew"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
