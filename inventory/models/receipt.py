"""Receipts: what came against what was sent, item by item, with the decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class Receipt(models.Model):
    """One unit or sample received from one shipment and decided; ``findings`` holds what was looked at."""

    shipment = models.ForeignKey("inventory.Shipment", on_delete=models.PROTECT, related_name="receipts")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="receipts")
    sample = models.ForeignKey(
        "inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="receipts"
    )
    decision = models.CharField(max_length=24)
    findings = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "unit"], name="one_receipt_per_shipment_and_unit"),
            models.UniqueConstraint(fields=["shipment", "sample"], name="one_receipt_per_shipment_and_sample"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(sample__isnull=True), name="a_receipt_is_of_one_thing"
            ),
            one_of("decision", ["accept", "accept_laboratory", "reject"], name="receipt_decision_is_known"),
            models.CheckConstraint(
                condition=Q(decision="accept") | ~Q(reason=""), name="a_receipt_other_than_accept_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id or self.sample_id} {self.decision}"
