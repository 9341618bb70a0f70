"""Dispositions: how a unit ended or came back (used, returned, discarded, lost)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


class Disposition(models.Model):
    """One ending or return. ``amount`` says how much went, ``left_over`` what became of what was not used."""

    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="dispositions")
    kind = models.CharField(max_length=12)
    reason = models.CharField(max_length=32, blank=True)
    note = models.CharField(max_length=500, blank=True)
    amount = models.CharField(max_length=120, blank=True)
    left_over = models.CharField(max_length=300, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            one_of(
                "kind", ["used", "returned", "consumed", "discarded", "lost", "voided"], name="disposition_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="discarded") | (Q(witness__isnull=False) & ~Q(reason="")),
                name="a_discard_has_reason_and_witness",
            ),
            models.CheckConstraint(
                condition=~Q(kind="lost") | Q(signature__isnull=False), name="a_loss_is_a_signed_discrepancy"
            ),
            models.CheckConstraint(condition=~Q(kind="lost") | Q(witness__isnull=False), name="a_loss_has_a_witness"),
            models.CheckConstraint(
                condition=Q(witness__isnull=True) | ~Q(witness=F("recorded_by")), name="a_witness_is_another_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind}"
