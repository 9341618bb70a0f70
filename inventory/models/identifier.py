"""Further codes of units and samples, each with the issuer that gave it."""

from django.db import models
from django.db.models import Q


class Identifier(models.Model):
    """A tube barcode or another system's number: found by every scan, never in place of a DIN."""

    issuer = models.CharField(max_length=64)
    value = models.CharField(max_length=64)
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="identifiers")
    sample = models.ForeignKey(
        "inventory.ReferenceSample", on_delete=models.PROTECT, null=True, related_name="identifiers"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "value"], name="one_identifier_per_issuer_and_value"),
            models.CheckConstraint(
                condition=Q(unit__isnull=True) ^ Q(sample__isnull=True), name="an_identifier_names_one_thing"
            ),
        ]
        indexes = [models.Index(fields=["value"], name="identifier_by_value")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.value}"
