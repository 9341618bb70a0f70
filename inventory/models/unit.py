"""Units of product, the donations behind them, their lineage and further identifiers."""

from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.unit import ProductClass, UnitKind, UnitState, Use


class Unit(models.Model):
    """One physical container of product. ``state`` and ``holder`` are written by ``change_state`` alone.

    ``holder`` is the code of the site that has it, or the reference of the shipment whose courier has it.
    Amounts: ``volume_ml`` millilitres, ``mass_g`` grams, ``tnc`` total nucleated cells.
    """

    code = models.CharField(max_length=64, unique=True)
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, related_name="units")
    lot = models.ForeignKey("inventory.Lot", on_delete=models.PROTECT, null=True, related_name="vials")
    product_code = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=16)
    product_class = models.CharField(max_length=24)
    origin = models.CharField(max_length=16, default="own")
    state = models.CharField(max_length=16)
    use = models.CharField(max_length=20, blank=True)
    reserved_from = models.CharField(max_length=16, blank=True)
    holder = models.CharField(max_length=32)
    volume_ml = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    mass_g = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    tnc = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    expiry_basis = models.CharField(max_length=20, blank=True)
    thawed = models.BooleanField(default=False)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("kind", UnitKind, name="unit_kind_is_known"),
            one_of("product_class", ProductClass, name="unit_product_class_is_known"),
            one_of("state", UnitState, name="unit_state_is_known"),
            one_of("use", ["", *Use], name="unit_use_is_known"),
            one_of("origin", ["own", "other_bank", "migrated"], name="unit_origin_is_known"),
            one_of(
                "expiry_basis",
                ["", "policy_years", "stability_data", "retest_due", "not_assigned"],
                name="unit_expiry_basis_is_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | ~Q(expiry_basis__in=["", "not_assigned"]),
                name="an_expiry_has_its_basis",
            ),
            models.CheckConstraint(
                condition=(Q(volume_ml__isnull=True) | Q(volume_ml__gte=0))
                & (Q(mass_g__isnull=True) | Q(mass_g__gte=0))
                & (Q(tnc__isnull=True) | Q(tnc__gte=0)),
                name="unit_amounts_are_not_negative",
            ),
            models.CheckConstraint(condition=Q(lot__isnull=True) | Q(kind="vial"), name="a_lot_is_of_vials"),
            models.CheckConstraint(
                condition=Q(lot__isnull=True) | Q(expires_at__isnull=True, expiry_basis=""),
                name="a_vial_expires_with_its_lot",
            ),
            models.CheckConstraint(
                condition=~Q(state="available") | ~Q(use=""), name="an_available_unit_was_accepted_for_a_use"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "released"], reserved_from__in=["available", "quarantined"])
                | (~Q(state__in=["reserved", "released"]) & Q(reserved_from="")),
                name="a_reserved_unit_knows_where_it_came_from",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "product_class", "id"], name="unit_by_state"),
            models.Index(fields=["expires_at", "id"], name="unit_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.code


class UnitSource(models.Model):
    """One donation behind a unit: one row for most, one per donation for a pool."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="sources")
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, related_name="unit_sources")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "donation"], name="one_source_per_unit_and_donation")]

    def __str__(self) -> str:
        return f"{self.unit_id} from {self.donation_id}"


class Lineage(models.Model):
    """A child made from a parent, with the amount taken, by one processing.

    What was brought in as it was names none: how and when another system made it is not known here.
    """

    parent = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="made")
    child = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="made_from")
    processing = models.ForeignKey("inventory.Processing", on_delete=models.PROTECT, null=True, related_name="lineage")
    taken_ml = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    taken_g = models.DecimalField(max_digits=9, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="one_lineage_per_parent_and_child"),
            models.CheckConstraint(condition=~Q(parent=models.F("child")), name="a_unit_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} from {self.parent_id}"
