"""Voidings: records without anything physical behind them, ended by two persons."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


class Voiding(models.Model):
    """One unit, or one donation with all registered of it: asked for by one person, confirmed by another."""

    reference = models.CharField(max_length=16, unique=True)
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="voidings")
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, null=True, related_name="voidings")
    reason = models.CharField(max_length=500)
    status = models.CharField(max_length=12, default="proposed")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("status", ["proposed", "confirmed", "rejected"], name="voiding_status_is_known"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(donation__isnull=True), name="a_voiding_is_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", ended_by__isnull=True, ended_at__isnull=True)
                | (~Q(status="proposed") & Q(ended_by__isnull=False, ended_at__isnull=False)),
                name="a_voiding_ended_has_person_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | ~Q(ended_by=F("asked_by")),
                name="a_voiding_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_voiding_gives_its_reason"),
            models.UniqueConstraint(fields=["unit"], condition=Q(status="proposed"), name="one_open_voiding_per_unit"),
            models.UniqueConstraint(
                fields=["donation"], condition=Q(status="proposed"), name="one_open_voiding_per_donation"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
