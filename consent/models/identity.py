"""Who a donor is, encrypted, and who read it. Only consent.services.identity opens these values."""

from django.conf import settings
from django.db import models

from consent.models.donor import Donor


class DonorIdentity(models.Model):
    """One donor's identity: every value encrypted under that donor's own data key, which the master key wraps.

    Erasure empties ``wrapped_key``: what then remains, here and in every backup made later, can no longer be opened.
    """

    donor = models.OneToOneField(Donor, on_delete=models.PROTECT, primary_key=True, related_name="+")
    wrapped_key = models.TextField()
    mother_name = models.TextField()
    birth_date = models.TextField()
    record_number = models.TextField()
    contact = models.TextField()
    infant_names = models.TextField()
    lookup_index = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - an erased one has none
    recorded_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=False, wrapped_key="", lookup_index__isnull=True)
                | models.Q(erased_at__isnull=True, lookup_index__isnull=False) & ~models.Q(wrapped_key=""),
                name="identity_has_a_key_until_it_is_erased",
            ),
        )

    def __str__(self) -> str:
        return f"identity of donor {self.donor_id}"


class IdentityRead(models.Model):
    """One look at a donor's identity: who, when, why, and beside which inspector."""

    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="+")
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=500)
    inspector = models.CharField(max_length=200, default="")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=["read", "lookup"]), name="identity_read_kind_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="identity_read_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of donor {self.donor_id}"
