"""Reservations: one unit kept for one request until a time."""

from django.db import models
from django.db.models import F, Q


class Reservation(models.Model):
    """Active while ``ended_at`` is empty; a unit has at most one active reservation."""

    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="reservations")
    request = models.ForeignKey("inventory.UnitRequest", on_delete=models.PROTECT, related_name="reservations")
    reserved_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_at__isnull=True), name="one_active_reservation_per_unit"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("reserved_at")), name="a_reservation_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_because=""), name="an_ended_reservation_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="active_reservations_by_end")
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} until {self.until}"
