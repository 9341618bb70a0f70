"""Consents, their answers, and what happened to them. Answers and events are only ever added."""

from django.conf import settings
from django.db import models

from consent.models.donor import Donor, Infant
from consent.models.form import ConsentForm, Statement


class Consent(models.Model):
    """One donor's answers on one form version. Only ``status`` changes, each time with an event beside it.

    ``infant`` is the infant who answers itself, come of age; empty where the mother answers. ``deceased`` is the infant
    whose recovery after death its parents authorise: such an answer stands beside the birth's. ``ends_at`` is the end
    that this donor set. One taken by another establishment was taken by nobody here: ``attested_by`` it on a document,
    and signed.
    """

    code = models.CharField(max_length=32, unique=True)
    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="consents")
    infant = models.ForeignKey(Infant, on_delete=models.PROTECT, null=True, related_name="consents")
    deceased = models.ForeignKey(Infant, on_delete=models.PROTECT, null=True, related_name="authorisations")
    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    attested_by = models.CharField(max_length=120, default="", blank=True)
    document_sha256 = models.CharField(max_length=64, default="", blank=True)
    attestation = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=16)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["donor"],
                condition=models.Q(status="active", infant__isnull=True, deceased__isnull=True),
                name="one_active_consent_per_donor",
            ),
            models.UniqueConstraint(
                fields=["deceased"],
                condition=models.Q(status="active", deceased__isnull=False),
                name="one_active_authorisation_per_infant_that_died",
            ),
            models.CheckConstraint(
                condition=models.Q(infant__isnull=True) | models.Q(deceased__isnull=True),
                name="parents_answer_for_an_infant_that_died",
            ),
            models.UniqueConstraint(
                fields=["infant"],
                condition=models.Q(status="active", infant__isnull=False),
                name="one_active_consent_per_grown_infant",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "declined", "superseded", "withdrawn", "expired"]),
                name="consent_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_by__isnull=False, attested_by="", document_sha256="", attestation__isnull=True)
                | models.Q(
                    ~models.Q(attested_by=""),
                    taken_by__isnull=True,
                    witness__isnull=True,
                    document_sha256__regex=r"^[0-9a-f]{64}$",
                    attestation__isnull=False,
                ),
                name="consent_was_taken_here_or_is_attested_on_a_document",
            ),
            models.CheckConstraint(
                condition=models.Q(witness__isnull=True) | ~models.Q(witness=models.F("taken_by")),
                name="consent_witness_is_another_person",
            ),
            models.CheckConstraint(
                condition=models.Q(given_at__lte=models.F("recorded_at")), name="consent_is_not_given_in_the_future"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("given_at")),
                name="consent_ends_after_it_was_given",
            ),
        )

    def __str__(self) -> str:
        return self.code


class Answer(models.Model):
    """One statement answered yes or no."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="answers")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    granted = models.BooleanField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["consent", "statement"], name="one_answer_per_statement_and_consent"),
        )

    def __str__(self) -> str:
        return "yes" if self.granted else "no"


class ConsentEvent(models.Model):
    """What happened to a consent: when it took effect, when and by whom it was recorded."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16)
    scope = models.CharField(max_length=16, default="", blank=True)
    occurred_at = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind__in=["given", "declined", "superseded", "narrowed", "withdrawn", "expired"]),
                name="consent_event_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="withdrawn", scope__in=["future_use", "all"])
                | ~models.Q(kind="withdrawn") & models.Q(scope=""),
                name="only_a_withdrawal_has_a_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(occurred_at__lte=models.F("at")), name="consent_event_is_not_in_the_future"
            ),
        )

    def __str__(self) -> str:
        return self.kind


class TakenBack(models.Model):
    """One granted answer that a narrowing took back; the answer itself stays as it was given."""

    event = models.ForeignKey(ConsentEvent, on_delete=models.PROTECT, related_name="taken_back")
    answer = models.OneToOneField(Answer, on_delete=models.PROTECT, related_name="taken_back")

    def __str__(self) -> str:
        return f"{self.answer_id} by {self.event_id}"
