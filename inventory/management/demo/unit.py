"""Which units the demo's stories take: the oldest that fit and of which nothing else is promised."""

from inventory.domain.unit import ProductClass, Use
from inventory.models.unit import Unit

OF_ELIGIBLE_DONORS = {
    "donation__determinations__verdict": "eligible",
    "donation__determinations__reopened_at__isnull": True,
}


def available(use: Use, count: int) -> list[Unit]:
    """The oldest bags that are accepted for a use and free, of births of which nothing else is promised."""
    bags = Unit.objects.filter(product_class=ProductClass.CORD_BLOOD, state="available", use=use.value)
    free = bags.filter(holds__isnull=True, holder="BANK-A", **OF_ELIGIBLE_DONORS)
    alone = free.exclude(donation__units__product_class=ProductClass.PLACENTA)
    return list(alone.select_related("donation__donor").order_by("pk")[:count])


def siblings() -> tuple[Unit, Unit]:
    """A piece of placenta and the cord blood of the oldest birth of which both are available."""
    pieces = Unit.objects.filter(product_class=ProductClass.PLACENTA, state="available", **OF_ELIGIBLE_DONORS)
    for piece in pieces.select_related("donation__donor").order_by("pk"):
        bag = Unit.objects.filter(
            donation=piece.donation, product_class=ProductClass.CORD_BLOOD, state="available"
        ).first()
        if bag is not None:
            return piece, bag
    raise LookupError("No birth of the demo left both a piece and a bag available.")
