"""Lots: what one processing made of one product, with what is recorded once for all its vials."""

from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.expiry import ExpiryBasis
from inventory.domain.unit import ProductClass


class Lot(models.Model):
    """One to some hundreds of vials; results, holds, acceptance and expiry are the lot's and count for each vial.

    ``product_code`` has six characters, without the division that each vial has of its own. ``pool_din`` is the DIN
    that a pool of several donations carries; the vials of any other lot carry their donation's.
    """

    code = models.CharField(max_length=16, unique=True)
    pool_din = models.CharField(max_length=13, unique=True, null=True)  # noqa: DJ001 - unique where it is a pool
    processing = models.OneToOneField("inventory.Processing", on_delete=models.PROTECT, related_name="lot")
    product_code = models.CharField(max_length=6)
    product_class = models.CharField(max_length=24)
    size = models.PositiveIntegerField()
    expires_at = models.DateTimeField(null=True)
    expiry_basis = models.CharField(max_length=20, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("product_class", ProductClass, name="lot_product_class_is_known"),
            one_of("expiry_basis", ["", *ExpiryBasis], name="lot_expiry_basis_is_known"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | ~Q(expiry_basis__in=["", "not_assigned"]),
                name="an_expiry_of_a_lot_has_its_basis",
            ),
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=999), name="a_lot_has_vials"),
            models.CheckConstraint(
                condition=Q(pool_din__isnull=True) | Q(pool_din__regex=r"^[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}$"),
                name="a_pool_has_a_din",
            ),
        ]

    def __str__(self) -> str:
        return self.code
