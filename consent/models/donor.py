"""Donors and infants, known by codes; who they are lives apart, in identity."""

from django.db import models


class Donor(models.Model):
    """Mother and infants as one record. The row is the lock of everything upstream of a unit."""

    donor_code = models.CharField(max_length=32, unique=True)
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=16, default="own")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(origin__in=["own", "other_bank", "migrated"]), name="donor_origin_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.donor_code


class Infant(models.Model):
    """One infant of a donor: the source of the cells."""

    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="infants")
    order = models.PositiveSmallIntegerField()
    sex = models.CharField(max_length=16, default="unknown")
    born_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("donor", "order")
        constraints = (
            models.UniqueConstraint(fields=["donor", "order"], name="one_infant_per_birth_order"),
            models.CheckConstraint(condition=models.Q(order__gte=1), name="infant_order_starts_at_one"),
            models.CheckConstraint(
                condition=models.Q(sex__in=["female", "male", "indeterminate", "unknown"]), name="infant_sex_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.donor_id}/{self.order}"
