"""DIN labels: the ranges that were issued, and the labels that were spoiled."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class DinRange(models.Model):
    """Labels issued to one site: facility and year in ``prefix`` (seven characters), and the serial numbers."""

    reference = models.CharField(max_length=16, unique=True)
    prefix = models.CharField(max_length=7)
    first_serial = models.PositiveIntegerField()
    last_serial = models.PositiveIntegerField()
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_serial__gte=F("first_serial"), last_serial__lte=999_999),
                name="a_range_of_labels_is_in_order",
            ),
            models.UniqueConstraint(fields=["prefix", "first_serial"], name="one_range_begins_with_a_label"),
        ]

    def __str__(self) -> str:
        return self.reference


class SpoiledDin(models.Model):
    """One label that will never be on a donation, or whose donation was voided."""

    din = models.CharField(max_length=13, unique=True)
    reason = models.CharField(max_length=500)
    spoiled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    spoiled_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_spoiled_label_says_why")]

    def __str__(self) -> str:
        return self.din
