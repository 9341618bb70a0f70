"""Shipments: journeys with box or dry shipper, logger and courier, and what was inside."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.shipment import ShipmentKind, Shipper


class Shipment(models.Model):
    """One journey. The courier holds what is inside from hand-over to receipt."""

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=12)
    from_site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    to_site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey("inventory.Release", on_delete=models.PROTECT, null=True, related_name="shipments")
    shipper = models.CharField(max_length=16)
    shipper_code = models.CharField(max_length=32)
    seal_code = models.CharField(max_length=32, blank=True)
    logger_code = models.CharField(max_length=32)
    logger_file_sha256 = models.CharField(max_length=64, blank=True)
    courier = models.CharField(max_length=64)
    packed_at = models.DateTimeField()
    packed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handed_over_at = models.DateTimeField(null=True)
    handed_over_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    handed_over_to = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    warmest_celsius = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        constraints = [
            one_of("kind", ShipmentKind, name="shipment_kind_is_known"),
            one_of("shipper", Shipper, name="shipper_is_known"),
            models.CheckConstraint(
                condition=Q(kind="release", release__isnull=False) | (~Q(kind="release") & Q(release__isnull=True)),
                name="only_a_release_shipment_has_a_release",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(handed_over_at__isnull=False),
                name="what_is_received_was_handed_over",
            ),
            models.UniqueConstraint(
                fields=["logger_file_sha256"], condition=~Q(logger_file_sha256=""), name="one_shipment_per_logger_file"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ShipmentItem(models.Model):
    """One unit or sample inside a shipment: open until it is received, lost, or taken out again.

    What was sent and did not come is ``missing``: its journey stays open, and the courier answers for it.
    """

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="items")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="journeys")
    sample = models.ForeignKey(
        "inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="journeys"
    )
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "unit"], name="one_item_per_shipment_and_unit"),
            models.UniqueConstraint(fields=["shipment", "sample"], name="one_item_per_shipment_and_sample"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_at__isnull=True), name="one_open_journey_per_unit"
            ),
            models.UniqueConstraint(
                fields=["sample"], condition=Q(ended_at__isnull=True), name="one_open_journey_per_sample"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(sample__isnull=True), name="a_shipment_item_is_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome__in=["", "missing"])
                | Q(ended_at__isnull=False, outcome__in=["received", "taken_out", "lost"]),
                name="a_journey_ends_in_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}"


class ShipmentPaper(models.Model):
    """The papers of one unit in one shipment: what they say, in sentences, and when they were enclosed."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="papers")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="papers")
    statements = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    enclosed_at = models.DateTimeField()
    enclosed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.unit_id}"
