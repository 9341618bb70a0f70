"""Placements: what was in a position, from when to when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Placement(models.Model):
    """One unit or reference sample in one position; open while ``removed_at`` is empty."""

    position = models.ForeignKey("inventory.Position", on_delete=models.PROTECT, related_name="placements")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="placements")
    sample = models.ForeignKey(
        "inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="placements"
    )
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position"], condition=Q(removed_at__isnull=True), name="one_thing_per_position"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(removed_at__isnull=True), name="one_position_per_unit"
            ),
            models.UniqueConstraint(
                fields=["sample"], condition=Q(removed_at__isnull=True), name="one_position_per_sample"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(sample__isnull=True), name="a_placement_is_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("placed_at")),
                name="a_removal_follows_its_placement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position_id} since {self.placed_at}"
