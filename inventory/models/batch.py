"""Batches of consumables, and what each was used for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of
from inventory.domain.batch import BatchKind, BatchState


class Batch(models.Model):
    """One lot of a maker's article, as it stands in the bank. Good until ``expires_at``, which is past itself."""

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=24)
    manufacturer = models.CharField(max_length=120)
    catalogue_number = models.CharField(max_length=64)
    lot_number = models.CharField(max_length=64)
    serial_number = models.CharField(max_length=20, blank=True)
    gtin = models.CharField(max_length=14, blank=True)
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=16, default="quarantined")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    inspected_at = models.DateTimeField(null=True)
    inspected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "catalogue_number", "lot_number"], name="one_batch_per_lot_of_an_article"
            ),
            one_of("kind", BatchKind, name="batch_kind_is_known"),
            one_of("state", BatchState, name="batch_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="quarantined", inspected_at__isnull=True, inspected_by__isnull=True)
                | (~Q(state="quarantined") & Q(inspected_at__isnull=False, inspected_by__isnull=False)),
                name="a_batch_leaves_quarantine_by_an_inspection",
            ),
            models.CheckConstraint(
                condition=Q(inspected_by__isnull=True) | ~Q(inspected_by=F("received_by")),
                name="a_batch_is_inspected_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class BatchUse(models.Model):
    """One batch named by one processing, or by the collection of one donation; ``used_at`` is the latest it was."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="uses")
    processing = models.ForeignKey(
        "inventory.Processing", on_delete=models.PROTECT, null=True, related_name="batch_uses"
    )
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, null=True, related_name="batch_uses")
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "processing"], name="one_use_per_batch_and_processing"),
            models.UniqueConstraint(fields=["batch", "donation"], name="one_use_per_batch_and_donation"),
            models.CheckConstraint(
                condition=Q(processing__isnull=True) ^ Q(donation__isnull=True), name="a_batch_is_used_for_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} at {self.used_at}"
