"""Excursions: containers that were beyond their limits, what was inside, and what quality said of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of
from inventory.domain.excursion import ExcursionVerdict


class Excursion(models.Model):
    """One time beyond the limits, judged by the limits of then; ended by one signed assessment where it is doubt.

    ``is_beyond`` says that it lasted longer than allowed, or that no limit is known: then it holds what was inside.
    """

    reference = models.CharField(max_length=16, unique=True)
    container = models.ForeignKey("inventory.Container", on_delete=models.PROTECT, related_name="excursions")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    extreme_celsius = models.DecimalField(max_digits=5, decimal_places=1)
    minutes_beyond = models.PositiveIntegerField()
    warmest_celsius = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    coldest_celsius = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    minutes_allowed = models.PositiveIntegerField()
    is_beyond = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    assessed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="an_excursion_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(signature__isnull=True, assessed_at__isnull=True)
                | Q(signature__isnull=False, assessed_at__isnull=False),
                name="an_excursion_is_assessed_by_signature",
            ),
            models.CheckConstraint(
                condition=Q(is_beyond=True) | Q(assessed_at__isnull=True),
                name="an_excursion_within_its_limits_is_not_assessed",
            ),
        ]
        indexes = [models.Index(fields=["ended_at"], condition=Q(is_beyond=True), name="excursions_beyond_by_end")]

    def __str__(self) -> str:
        return self.reference


class ExcursionItem(models.Model):
    """One unit or reference sample that was inside, where, and for a unit in doubt its hold and what became of it.

    What was made of such a unit since is one too, at the place of that one.
    """

    excursion = models.ForeignKey(Excursion, on_delete=models.PROTECT, related_name="items")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="excursions")
    sample = models.ForeignKey(
        "inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="excursions"
    )
    position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, related_name="+")
    hold = models.OneToOneField("inventory.Hold", on_delete=models.PROTECT, null=True, related_name="excursion_item")
    verdict = models.CharField(max_length=12, blank=True)
    because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("verdict", ["", *ExcursionVerdict], name="excursion_verdict_is_known"),
            models.UniqueConstraint(fields=["excursion", "unit"], name="one_item_per_excursion_and_unit"),
            models.UniqueConstraint(fields=["excursion", "sample"], name="one_item_per_excursion_and_sample"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(sample__isnull=True), name="an_excursion_item_is_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", because="") | (Q(hold__isnull=False) & ~Q(verdict="") & ~Q(because="")),
                name="a_verdict_is_on_what_was_held_and_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id or self.sample_id} in {self.excursion_id}"
