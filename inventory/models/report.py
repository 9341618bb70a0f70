"""Reports: documents made at a ledger position, kept with the hashes that prove them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from biobank.choices import one_of


class Report(models.Model):
    """One kept document and the hashes of its three layers.

    ``facts_sha256`` is of the facts alone; ``content_sha256`` of the document before sealing, the same whenever it is
    made from the same facts and edition; ``file_sha256`` of the file as it lies on the disk.
    """

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=64)
    ledger_number = models.BigIntegerField()
    ledger_seal = models.CharField(max_length=64)
    facts_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    file_sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=120)
    size_bytes = models.PositiveBigIntegerField()
    sealed = models.BooleanField()
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    generated_at = models.DateTimeField()
    generated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")

    class Meta:
        ordering = ["-ledger_number", "-id"]
        indexes = [models.Index(fields=["kind", "subject", "-ledger_number"], name="report_by_subject")]
        constraints = [
            one_of("kind", ["custody", "papers"], name="report_kind_is_known"),
            models.UniqueConstraint(
                fields=["kind", "subject", "ledger_number", "certificate_sha256"],
                name="one_report_per_subject_and_ledger_position",
            ),
            models.CheckConstraint(
                condition=Q(sealed=True, certificate_sha256__gt="") | Q(sealed=False, certificate_sha256=""),
                name="a_sealed_report_names_its_certificate",
            ),
            models.CheckConstraint(
                condition=Exact(Length("file_sha256"), 64) & Exact(Length("content_sha256"), 64),
                name="report_hashes_are_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
