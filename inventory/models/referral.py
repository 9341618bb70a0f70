"""Units past the stage at which a withdrawal still stops them, and what the medical director decided about each."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class WithdrawalReferral(models.Model):
    """One unit that a withdrawal or narrowing of one consent came too late for; held until it is decided, by signature.

    ``hold`` is the hold that stops the unit meanwhile: once it goes on, that hold is not the unit's any more.
    """

    reference = models.CharField(max_length=16, unique=True)
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="referrals")
    hold = models.ForeignKey("inventory.Hold", on_delete=models.PROTECT, related_name="referrals")
    consent = models.CharField(max_length=32)
    stage = models.CharField(max_length=16)
    referred_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    referred_at = models.DateTimeField()
    decision = models.CharField(max_length=8, default="")
    reason = models.CharField(max_length=500, default="")
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("decision", ["", "goes_on", "stopped"], name="referral_decision_is_known"),
            one_of("stage", ["reservation", "release", "pick", "hand_over"], name="referral_stage_is_known"),
            models.UniqueConstraint(
                fields=["unit", "hold"], condition=Q(decision=""), name="one_open_referral_per_unit_and_hold"
            ),
            models.CheckConstraint(
                condition=Q(decision="", signature__isnull=True, decided_at__isnull=True)
                | (~Q(decision="") & ~Q(reason="") & Q(signature__isnull=False, decided_at__isnull=False)),
                name="a_referral_is_decided_by_signature_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
