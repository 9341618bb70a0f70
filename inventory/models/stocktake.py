"""Stocktakes: a count of one container and all that stands in it, and how each difference was resolved."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.stocktake import DifferenceKind, Resolution, StocktakeStatus


class Stocktake(models.Model):
    """One count: read position by position, compared with the record at one instant, closed by a signature."""

    reference = models.CharField(max_length=16, unique=True)
    container = models.ForeignKey("inventory.Container", on_delete=models.PROTECT, related_name="stocktakes")
    status = models.CharField(max_length=12, default="counting")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of("status", StocktakeStatus, name="stocktake_status_is_known"),
            models.UniqueConstraint(
                fields=["container"],
                condition=Q(status__in=["counting", "compared"]),
                name="one_open_stocktake_per_container",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", signature__isnull=False, compared_at__isnull=False)
                | (~Q(status="closed") & Q(signature__isnull=True)),
                name="a_stocktake_is_closed_by_signature",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["counting", "compared"], ended_at__isnull=True)
                | Q(status__in=["closed", "abandoned"], ended_at__isnull=False),
                name="a_stocktake_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="abandoned") | ~Q(ended_because=""), name="an_abandoned_stocktake_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class StocktakeScan(models.Model):
    """One reading of one position; the last one of a position counts. No text and readable: it was seen empty."""

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="scans")
    position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=64, blank=True)
    readable = models.BooleanField(default=True)
    scanned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    scanned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(readable=True) | Q(text=""), name="what_was_read_could_be_read"),
        ]

    def __str__(self) -> str:
        return f"{self.position_id}: {self.text}"


class StocktakeDifference(models.Model):
    """One difference between count and record, and how a person resolved it."""

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=64, blank=True)
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    sample = models.ForeignKey("inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="+")
    found_position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=12, blank=True)
    resolved_position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, null=True, related_name="+")
    identified_as = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=500, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("kind", DifferenceKind, name="difference_kind_is_known"),
            one_of("resolution", ["", *Resolution], name="difference_resolution_is_known"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(sample__isnull=True), name="a_difference_is_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_by__isnull=True, resolved_at__isnull=True)
                | (~Q(resolution="") & Q(resolved_by__isnull=False, resolved_at__isnull=False)),
                name="a_resolved_difference_has_person_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(resolution="lost") | Q(kind="missing"), name="only_what_is_missing_is_lost"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.kind}"
