"""Deviations: departures from procedure and unexpected events, what they touched, and how they were closed."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.deviation import DeviationClass, DeviationDisposition

# What a deviation can have touched: exactly one of them a row.
TOUCHED = ("unit", "lot", "donation", "shipment", "container", "person")


def _exactly_one(*nouns: str) -> Q:
    """Return the condition that exactly one of these is named."""
    each = [Q(**{f"{noun}__isnull": noun != named for noun in nouns}) for named in nouns]
    return reduce(or_, each)


class Deviation(models.Model):
    """One departure, told when it was found, investigated, and closed by quality's signature over all of it."""

    reference = models.CharField(max_length=16, unique=True)
    deviation_class = models.CharField(max_length=12)
    what_happened = models.CharField(max_length=2000)
    immediate_action = models.CharField(max_length=2000)
    occurred_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    investigation = models.CharField(max_length=2000, blank=True)
    capa_reference = models.CharField(max_length=32, blank=True)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("deviation_class", DeviationClass, name="deviation_class_is_known"),
            models.CheckConstraint(
                condition=Q(signature__isnull=True, closed_at__isnull=True)
                | (Q(signature__isnull=False, closed_at__isnull=False) & ~Q(investigation="")),
                name="a_deviation_is_closed_by_signature_after_inquiry",
            ),
            models.CheckConstraint(
                condition=~Q(what_happened="") & ~Q(immediate_action=""), name="a_deviation_says_what_happened"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=Q(closed_at__isnull=True), name="open_deviations")]

    def __str__(self) -> str:
        return self.reference


class DeviationItem(models.Model):
    """One thing that a deviation touched; of a unit or lot, what quality said of it at the closing."""

    deviation = models.ForeignKey(Deviation, on_delete=models.PROTECT, related_name="items")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="deviations")
    lot = models.ForeignKey("inventory.Lot", on_delete=models.PROTECT, null=True, related_name="deviations")
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, null=True, related_name="deviations")
    shipment = models.ForeignKey("inventory.Shipment", on_delete=models.PROTECT, null=True, related_name="deviations")
    container = models.ForeignKey("inventory.Container", on_delete=models.PROTECT, null=True, related_name="deviations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    disposition = models.CharField(max_length=20, blank=True)
    because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("disposition", ["", *DeviationDisposition], name="deviation_disposition_is_known"),
            models.CheckConstraint(
                condition=Q(disposition="", because="")
                | ((Q(unit__isnull=False) | Q(lot__isnull=False)) & ~Q(disposition="") & ~Q(because="")),
                name="a_disposition_is_of_a_unit_or_lot_and_says_why",
            ),
            models.CheckConstraint(
                condition=_exactly_one(*TOUCHED),
                name="a_deviation_item_is_one_thing",
            ),
            *(
                models.UniqueConstraint(fields=["deviation", noun], name=f"one_item_per_deviation_and_{noun}")
                for noun in TOUCHED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deviation_id}"
