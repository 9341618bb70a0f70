"""Picks: a unit taken from its position for a release, both scanned."""

from django.conf import settings
from django.db import models


class Pick(models.Model):
    """One verified pick: the scanned position and the scanned unit matched."""

    release = models.ForeignKey("inventory.Release", on_delete=models.PROTECT, related_name="picks")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="picks")
    position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, related_name="+")
    picked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    picked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "unit"], name="one_pick_per_release_and_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} for {self.release_id}"
