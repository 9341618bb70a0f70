"""Acceptances: the first of two release stages, into the bank's stock for a use."""

from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class Acceptance(models.Model):
    """A unit, or a lot with its vials, accepted for a use under one specification version, until it is taken back."""

    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="acceptances")
    lot = models.ForeignKey("inventory.Lot", on_delete=models.PROTECT, null=True, related_name="acceptances")
    use = models.CharField(max_length=20)
    specification = models.ForeignKey("inventory.Specification", on_delete=models.PROTECT, related_name="+")
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, related_name="+")
    snapshot_sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("use", ["human_application", "laboratory"], name="acceptance_use_is_known"),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(withdrawn_at__isnull=True), name="one_standing_acceptance_per_unit"
            ),
            models.UniqueConstraint(
                fields=["lot"], condition=Q(withdrawn_at__isnull=True), name="one_standing_acceptance_per_lot"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(lot__isnull=True), name="an_acceptance_is_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id or self.lot_id} for {self.use}"
