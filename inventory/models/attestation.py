"""Attestations: facts taken over from another establishment on a document, under one signature; only ever added."""

from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


class Attestation(models.Model):
    """One signed list: by whom the facts are attested, on which document, and how many rows were compared with it."""

    reference = models.CharField(max_length=16, unique=True)
    establishment = models.CharField(max_length=120)
    document = models.CharField(max_length=120)
    document_sha256 = models.CharField(max_length=64)
    facts_stated = models.PositiveIntegerField()
    rows_compared = models.PositiveIntegerField()
    signature = models.OneToOneField("biobank.Signature", on_delete=models.PROTECT, related_name="+")
    attested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(establishment=""), name="an_attestation_names_the_establishment"),
            models.CheckConstraint(
                condition=Q(document_sha256__regex=r"^[0-9a-f]{64}$"), name="an_attestation_has_its_document"
            ),
            models.CheckConstraint(
                condition=Q(rows_compared__gte=1, rows_compared__lte=F("facts_stated")),
                name="a_sample_of_an_attestation_was_compared",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class AttestedFact(models.Model):
    """One row of the list: what was stated of whom, whether it was compared, and what it became in the record."""

    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="facts")
    row = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=200)
    compared = models.BooleanField()
    consent = models.OneToOneField("consent.Consent", on_delete=models.PROTECT, null=True, related_name="+")
    determination = models.OneToOneField(
        "inventory.EligibilityDetermination", on_delete=models.PROTECT, null=True, related_name="attested_fact"
    )
    result = models.OneToOneField("inventory.Result", on_delete=models.PROTECT, null=True, related_name="attested_fact")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attestation", "row"], name="one_attested_fact_per_row"),
            one_of("kind", ["consent", "eligibility", "result"], name="attested_fact_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="consent", consent__isnull=False, determination__isnull=True, result__isnull=True)
                | Q(kind="eligibility", consent__isnull=True, determination__isnull=False, result__isnull=True)
                | Q(kind="result", consent__isnull=True, determination__isnull=True, result__isnull=False),
                name="an_attested_fact_became_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attestation_id} row {self.row}"
