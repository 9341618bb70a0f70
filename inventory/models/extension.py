"""Extensions of expiries: what was assigned before, until when it is now, and what showed that it keeps so long."""

from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


class ExpiryExtension(models.Model):
    """One signed extension of the expiry of a unit or a lot, on one result or one document that was new then."""

    reference = models.CharField(max_length=16, unique=True)
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="extensions")
    lot = models.ForeignKey("inventory.Lot", on_delete=models.PROTECT, null=True, related_name="extensions")
    expired_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    expiry_basis = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    result = models.OneToOneField("inventory.Result", on_delete=models.PROTECT, null=True, related_name="extension")
    document = models.CharField(max_length=120, blank=True)
    document_date = models.DateField(null=True)
    document_sha256 = models.CharField(max_length=64, blank=True)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, related_name="+")
    extended_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("expiry_basis", ["stability_data", "retest_due"], name="an_extended_expiry_has_its_basis"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(lot__isnull=True), name="an_extension_is_of_one_thing"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("expired_at")), name="an_extension_is_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_extension_gives_its_reason"),
            models.CheckConstraint(
                condition=Q(result__isnull=False, document="", document_date__isnull=True, document_sha256="")
                | (
                    Q(result__isnull=True, document_date__isnull=False, document_sha256__regex=r"^[0-9a-f]{64}$")
                    & ~Q(document="")
                ),
                name="an_extension_rests_on_a_result_or_a_document",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
