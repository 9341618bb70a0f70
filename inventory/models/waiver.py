"""Waivers: the grounds of an exceptional or urgent release, what the director weighed, what the site acknowledged."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.waiver import LONGEST_NAME, LONGEST_STATEMENT


class Waiver(models.Model):
    """The grounds on which one request may leave gates open; benefit and risk are filled once, by the director."""

    request = models.OneToOneField("inventory.UnitRequest", on_delete=models.PROTECT, related_name="waiver")
    kind = models.CharField(max_length=12)
    physician = models.CharField(max_length=LONGEST_NAME)
    physician_request_sha256 = models.CharField(max_length=64)
    deviation_known = models.CharField(max_length=LONGEST_STATEMENT)
    no_alternative = models.CharField(max_length=LONGEST_STATEMENT)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    benefit = models.CharField(max_length=LONGEST_STATEMENT, blank=True)
    risk = models.CharField(max_length=LONGEST_STATEMENT, blank=True)
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    stated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("kind", ["exceptional", "urgent"], name="waiver_kind_is_known"),
            models.CheckConstraint(
                condition=Q(stated_by__isnull=True, stated_at__isnull=True, benefit="", risk="")
                | (Q(stated_by__isnull=False, stated_at__isnull=False) & ~Q(benefit="") & ~Q(risk="")),
                name="benefit_and_risk_are_stated_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class WaiverAcknowledgement(models.Model):
    """The site's word, before the hand-over, that it knows on what condition a release comes."""

    release = models.OneToOneField("inventory.Release", on_delete=models.PROTECT, related_name="acknowledgement")
    acknowledged_by = models.CharField(max_length=LONGEST_NAME)
    document_sha256 = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(acknowledged_by=""), name="an_acknowledgement_names_who_gave_it"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.acknowledged_by}"
