"""Kinship: recipients whom a donation names."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Kinship(models.Model):
    """A recipient's kinship to the infant of a donation, as shown by a document; degree 0 is the infant itself."""

    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, related_name="kinships")
    recipient = models.ForeignKey("inventory.Recipient", on_delete=models.PROTECT, related_name="kinships")
    degree = models.PositiveSmallIntegerField()
    shown_by = models.CharField(max_length=200)
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["donation", "recipient"], name="one_kinship_per_donation_and_recipient"),
            models.CheckConstraint(condition=Q(degree__range=(0, 4)), name="kinship_has_a_degree"),
            models.CheckConstraint(condition=~Q(shown_by=""), name="kinship_is_shown_by_a_document"),
        ]

    def __str__(self) -> str:
        return f"{self.donation_id} {self.recipient_id} {self.degree}"
