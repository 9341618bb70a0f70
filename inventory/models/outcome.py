"""Outcomes: what came of a unit, and the liver scores computed from what was reported."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class Outcome(models.Model):
    """One report that came back to the unit: its day, kind and values (decimals as text, unit in the name)."""

    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="outcomes")
    recipient = models.ForeignKey("inventory.Recipient", on_delete=models.PROTECT, null=True, related_name="outcomes")
    kind = models.CharField(max_length=24)
    outcome_date = models.DateField()
    values = models.JSONField(default=dict)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of(
                "kind",
                ["thaw", "administration", "baseline", "follow_up", "experiment"],
                name="outcome_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["administration", "baseline", "follow_up"]) | Q(recipient__isnull=False),
                name="an_outcome_in_a_person_names_the_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind}"


class OutcomeScore(models.Model):
    """One liver score of one report, computed by the bank; or why it was not.

    ``unrounded`` is text, to keep every digit. ``inputs`` are what it was computed from, by name and as text; one that
    is no value of the report was converted from the other unit. ``revision`` names the formula.
    """

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="scores")
    name = models.CharField(max_length=24)
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    unrounded = models.CharField(max_length=120, blank=True)
    grade = models.CharField(max_length=24, blank=True)
    revision = models.CharField(max_length=64, blank=True)
    inputs = models.JSONField(default=dict)
    because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outcome", "name"], name="one_score_per_outcome_and_name"),
            one_of(
                "name",
                ["meld", "meld_na", "meld_3", "child_pugh", "albi", "fib4", "apri", "nafld_fibrosis_score"],
                name="score_is_known",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=False, because="") & ~Q(unrounded="") & ~Q(revision=""))
                | (Q(value__isnull=True, unrounded="", grade="", revision="") & ~Q(because="")),
                name="a_score_has_value_and_revision_or_the_reason_why_not",
            ),
            models.CheckConstraint(
                condition=~Q(name__in=["meld", "meld_na", "meld_3"])
                | Q(value__isnull=True)
                | Q(value__gte=6, value__lte=40),
                name="a_meld_is_from_6_to_40",
            ),
            models.CheckConstraint(
                condition=~Q(name="child_pugh") | Q(value__isnull=True) | Q(value__gte=5, value__lte=15),
                name="a_child_pugh_is_from_5_to_15",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.outcome_id}"
