"""Specifications: named, versioned limits per product class, use and stage."""

from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.profile import LONGEST_SOURCE, Mark
from inventory.domain.specification import Operator, SampleSource, Stage


class Specification(models.Model):
    """One version of a set of limits; in force only from a quality signature."""

    name = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    product_class = models.CharField(max_length=24)
    use = models.CharField(max_length=20)
    status = models.CharField(max_length=12, default="draft")
    mark = models.CharField(max_length=200)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_specification_per_name_and_version"),
            models.UniqueConstraint(
                fields=["product_class", "use"],
                condition=Q(status="in_force"),
                name="one_specification_in_force_per_product_and_use",
            ),
            one_of("status", ["draft", "in_force", "superseded"], name="specification_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(signature__isnull=False, in_force_at__isnull=False),
                name="a_specification_in_force_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class SpecificationLimit(models.Model):
    """One limit: which assay, at which stage, measured on what, compared how; ``words`` are the codes allowed.

    ``mark`` is how far it can be relied on, and ``source`` where it comes from.
    """

    specification = models.ForeignKey(Specification, on_delete=models.PROTECT, related_name="limits")
    stage = models.CharField(max_length=16)
    assay = models.CharField(max_length=40)
    operator = models.CharField(max_length=12)
    limit = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    words = models.JSONField(default=list)
    taken_from = models.CharField(max_length=24, default="unit")
    mandatory = models.BooleanField(default=True)
    mark = models.CharField(max_length=12, default=Mark.BANK.value)
    source = models.CharField(max_length=LONGEST_SOURCE, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["specification", "stage", "assay", "taken_from", "operator"], name="one_limit_per_assay"
            ),
            one_of("stage", Stage, name="limit_stage_is_known"),
            one_of("operator", Operator, name="limit_operator_is_known"),
            one_of("taken_from", SampleSource, name="limit_taken_from_is_known"),
            one_of("mark", Mark, name="limit_mark_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.assay} {self.operator}"
