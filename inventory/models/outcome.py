"""Outcomes: what came of a unit."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class Outcome(models.Model):
    """One report that came back to the unit: its date, kind and values (decimals as text, unit in the name)."""

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
