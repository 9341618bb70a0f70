"""Consent form versions and the statements they ask."""

from django.db import models


class ConsentForm(models.Model):
    """One version of a form in one language; fixed once it is in force."""

    code = models.CharField(max_length=24)
    version = models.CharField(max_length=16)
    language = models.CharField(max_length=16)
    text_sha256 = models.CharField(max_length=64)
    ethics_reference = models.CharField(max_length=100)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    extent = models.CharField(max_length=16, default="full")
    withdrawal_until = models.CharField(max_length=16, default="hand_over")
    consent_months = models.PositiveSmallIntegerField(null=True)
    establishment = models.CharField(max_length=120, default="", blank=True)
    status = models.CharField(max_length=16, default="draft")
    superseded_at = models.DateTimeField(null=True)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()

    class Meta:
        ordering = ("code", "version", "language")
        constraints = (
            models.UniqueConstraint(fields=["code", "version", "language"], name="one_form_per_version_and_language"),
            models.UniqueConstraint(
                fields=["code", "language"],
                condition=models.Q(status="in_force"),
                name="one_version_in_force_per_form_and_language",
            ),
            models.CheckConstraint(
                condition=models.Q(extent__in=["full", "collection_only", "after_death"]), name="form_extent_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawal_until__in=["reservation", "release", "pick", "hand_over"]),
                name="form_withdrawal_stage_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", signature__isnull=True, superseded_at__isnull=True)
                | models.Q(status="in_force", signature__isnull=False, superseded_at__isnull=True)
                | models.Q(status="superseded", signature__isnull=False, superseded_at__isnull=False),
                name="form_is_in_force_only_by_signature",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
                name="form_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(consent_months__isnull=True) | models.Q(consent_months__range=(1, 9999)),
                name="consent_on_a_form_lasts_whole_months",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code}/{self.version}/{self.language}"


class Statement(models.Model):
    """One thing a form asks, mapped to the permitted use that its answer decides."""

    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="statements")
    order = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    text = models.TextField()
    duo = models.CharField(max_length=16, default="", blank=True)
    mondo = models.CharField(max_length=16, default="", blank=True)
    parameter = models.CharField(max_length=200, default="", blank=True)
    human_application = models.BooleanField(default=False)
    mandatory = models.BooleanField(default=False)
    applies_when_refused = models.BooleanField(default=False)

    class Meta:
        ordering = ("form", "order")
        constraints = (
            models.UniqueConstraint(fields=["form", "key"], name="one_statement_per_key_and_form"),
            models.UniqueConstraint(fields=["form", "order"], name="one_statement_per_place_in_form"),
            models.CheckConstraint(
                condition=models.Q(duo="DUO:0000007") & ~models.Q(mondo="")
                | ~models.Q(duo="DUO:0000007") & models.Q(mondo=""),
                name="disease_specific_statement_names_its_disease",
            ),
            models.CheckConstraint(
                condition=models.Q(human_application=False) | models.Q(duo=""),
                name="human_application_is_a_statement_of_its_own",
            ),
        )

    def __str__(self) -> str:
        return self.key
