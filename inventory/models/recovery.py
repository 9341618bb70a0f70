"""Recovery after death: what is known of it beside the donation."""

from django.db import models
from django.db.models import F, Q


class Recovery(models.Model):
    """One recovery: by whom, on whose authorisation, and how long the liver was warm and cold, in minutes.

    Cold ischaemia begins with the cross-clamp and ends when the liver is taken into processing; both its columns are
    empty until then. ``authorisation`` is the code of the parents' consent.
    """

    donation = models.OneToOneField("inventory.Donation", on_delete=models.PROTECT, related_name="recovery")
    organisation = models.CharField(max_length=100)
    authorisation = models.CharField(max_length=32)
    died_at = models.DateTimeField()
    cross_clamp_at = models.DateTimeField()
    cold_ended_at = models.DateTimeField(null=True)
    warm_ischaemia_minutes = models.PositiveIntegerField()
    cold_ischaemia_minutes = models.PositiveIntegerField(null=True)
    preservation_fluid = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cross_clamp_at__gte=F("died_at")), name="a_recovery_begins_after_death"),
            models.CheckConstraint(
                condition=Q(cold_ended_at__isnull=True, cold_ischaemia_minutes__isnull=True)
                | Q(cold_ended_at__gte=F("cross_clamp_at"), cold_ischaemia_minutes__lte=2880),
                name="cold_ischaemia_ends_after_it_began",
            ),
            models.CheckConstraint(condition=Q(warm_ischaemia_minutes__lte=1440), name="warm_ischaemia_is_plausible"),
            models.CheckConstraint(
                condition=~Q(organisation="") & ~Q(authorisation=""), name="a_recovery_was_authorised"
            ),
        ]

    def __str__(self) -> str:
        return f"recovery of donation {self.donation_id}"
