"""Eligibility determinations: a signed verdict per donation, bound to exactly its evidence."""

from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class EligibilityDetermination(models.Model):
    """A verdict on a donation's donor; ``reopened_at`` says that its evidence has changed since.

    ``attestation`` is the signed list that took it over from another establishment; ours rest on evidence alone.
    """

    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, related_name="determinations")
    verdict = models.CharField(max_length=16)
    reasons = models.JSONField(default=list)
    reactive = models.JSONField(default=list)
    evidence_sha256 = models.CharField(max_length=64)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, related_name="+")
    attestation = models.ForeignKey(
        "inventory.Attestation", on_delete=models.PROTECT, null=True, related_name="determinations"
    )
    determined_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    reopened_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of(
                "verdict",
                ["eligible", "ineligible", "incomplete", "not_required"],
                name="eligibility_verdict_is_known",
            ),
            models.UniqueConstraint(
                fields=["donation"],
                condition=Q(reopened_at__isnull=True),
                name="one_standing_determination_per_donation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.donation_id} {self.verdict}"
