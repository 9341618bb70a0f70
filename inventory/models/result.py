"""Results: one measured value of one assay, verified by another person, corrected and never edited."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of
from inventory.domain.assay import Qualifier


class Result(models.Model):
    """One value for exactly one of mother, infant, unit or lot. ``number`` is in the assay's unit of measure.

    One ``reported_by`` another establishment counts only once its paper is signed for, by an ``attestation``.
    """

    assay = models.CharField(max_length=40)
    subject = models.CharField(max_length=8)
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, null=True, related_name="results")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="results")
    lot = models.ForeignKey("inventory.Lot", on_delete=models.PROTECT, null=True, related_name="results")
    sample = models.ForeignKey("inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="results")
    number = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    text = models.CharField(max_length=200, blank=True)
    qualifier = models.CharField(max_length=24, blank=True)
    method = models.CharField(max_length=64, blank=True)
    instrument = models.CharField(max_length=64, blank=True)
    laboratory = models.CharField(max_length=64, blank=True)
    approved_test = models.BooleanField(null=True)
    diluted = models.BooleanField(null=True)
    specimen_at = models.DateTimeField(null=True)
    reported_by = models.CharField(max_length=120, blank=True)
    attestation = models.ForeignKey(
        "inventory.Attestation", on_delete=models.PROTECT, null=True, related_name="results"
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("subject", ["mother", "infant", "unit", "lot"], name="result_subject_is_known"),
            one_of("qualifier", Qualifier, name="result_qualifier_is_known"),
            models.CheckConstraint(
                condition=Q(subject="unit", unit__isnull=False, donation__isnull=True, lot__isnull=True)
                | Q(subject="lot", unit__isnull=True, donation__isnull=True, lot__isnull=False)
                | Q(subject__in=["mother", "infant"], unit__isnull=True, donation__isnull=False, lot__isnull=True),
                name="a_result_is_of_exactly_one_subject",
            ),
            models.CheckConstraint(
                condition=(Q(verified_by__isnull=True) & Q(verified_at__isnull=True))
                | (Q(verified_by__isnull=False) & Q(verified_at__isnull=False)),
                name="a_verification_has_person_and_time",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")),
                name="a_result_is_verified_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(reported_by="", attestation__isnull=True)
                | Q(~Q(reported_by=""), verified_at__isnull=True, attestation__isnull=True)
                | Q(~Q(reported_by=""), verified_at__isnull=False, attestation__isnull=False),
                name="a_reported_result_counts_only_by_attestation",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(reason=""), name="a_correction_gives_its_reason"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=False) | ~Q(text="") | ~Q(qualifier=""),
                name="a_result_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assay} {self.pk}"
