"""Donations: one infant's gift."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


class Donation(models.Model):
    """One infant's gift at birth, known by its DIN; a migrated one may be known only by a code of the bank's own.

    ``donor_key`` is under what key another bank's or system's donor is known here, made of its code and not that code.
    """

    code = models.CharField(max_length=64, unique=True)
    din = models.CharField(max_length=13, unique=True, null=True)  # noqa: DJ001 - unique where known, and none is not ""
    donor = models.ForeignKey("consent.Donor", on_delete=models.PROTECT, related_name="donations")
    infant = models.ForeignKey("consent.Infant", on_delete=models.PROTECT, null=True, related_name="donations")
    event = models.CharField(max_length=24, default="birth")
    purpose = models.CharField(max_length=16, default="unrelated")
    origin = models.CharField(max_length=16, default="own")
    donor_key = models.CharField(max_length=64, blank=True, db_index=True)
    collection_site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    collector = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    procedure_version = models.CharField(max_length=32, blank=True)
    collected_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=16, blank=True)
    gestational_age_days = models.PositiveSmallIntegerField(null=True)
    clamp_seconds = models.PositiveIntegerField(null=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("event", ["birth", "recovery_after_death"], name="donation_event_is_known"),
            one_of("purpose", ["unrelated", "related", "autologous"], name="donation_purpose_is_known"),
            one_of("origin", ["own", "other_bank", "migrated"], name="donation_origin_is_known"),
            models.CheckConstraint(
                condition=Q(din__isnull=True) | Q(din=F("code")), name="a_din_is_the_code_of_its_donation"
            ),
            models.CheckConstraint(
                condition=Q(din__isnull=True) | Q(din__regex=r"^[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}$"),
                name="a_din_has_thirteen_characters",
            ),
            models.CheckConstraint(
                condition=~Q(origin="own") | Q(din__isnull=False, collected_at__isnull=False, collector__isnull=False),
                name="an_own_donation_has_din_time_and_collector",
            ),
        ]

    def __str__(self) -> str:
        return self.code
