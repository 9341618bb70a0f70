"""Holds: doubts that stop reserving, signing, picking and shipping."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


def _exactly_one_of(*columns: str) -> Q:
    alone = [Q(**{f"{each}__isnull": each != column for each in columns}) for column in columns]
    return reduce(or_, alone)


class Hold(models.Model):
    """One doubt about a unit, a lot, a sample, a donation or a donor; any staff may place it, quality lifts it."""

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=24)
    reason = models.CharField(max_length=500)
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="holds")
    lot = models.ForeignKey("inventory.Lot", on_delete=models.PROTECT, null=True, related_name="holds")
    sample = models.ForeignKey("inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="holds")
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, null=True, related_name="holds")
    donor = models.ForeignKey("consent.Donor", on_delete=models.PROTECT, null=True, related_name="holds")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of(
                "kind",
                ["consent_withdrawn", "excursion", "investigation", "notice", "mix_up", "receipt", "administrative"],
                name="hold_kind_is_known",
            ),
            models.CheckConstraint(
                condition=_exactly_one_of("unit", "lot", "sample", "donation", "donor"),
                name="a_hold_is_on_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | (Q(lifted_by__isnull=False, lifted_at__isnull=False) & ~Q(lifted_because="")),
                name="a_lifted_hold_has_person_time_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("placed_by")),
                name="a_hold_is_lifted_by_another_person",
            ),
        ]
        indexes = [models.Index(fields=["unit"], condition=Q(lifted_at__isnull=True), name="open_holds_by_unit")]

    def __str__(self) -> str:
        return self.reference
