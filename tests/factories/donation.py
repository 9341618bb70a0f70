"""Donations as the services make them: registered the day after the birth, packed, and on their way to the bank."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from biobank.domain.role import Role
from biobank.domain.site import SiteKind
from biobank.models.site import Site
from consent.models.consent import Consent
from consent.queries.donor import infants_of
from inventory.domain.din import Din
from inventory.domain.receipt import ReceiptFacts
from inventory.domain.unit import ProductClass, UnitKind
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.services.collection import CollectionShipment, hand_over_collection, pack_collection
from inventory.services.donation import Collected, NewDonation, Registered, register_donations
from tests.factories.donor import GIVEN_AT, given_consent
from tests.factories.journey import device
from tests.factories.person import default_site, site, staff
from tests.factories.time import hours
from tests.kept import keepable

COLLECTED_AT = GIVEN_AT + timedelta(minutes=30)
REGISTERED_AT = GIVEN_AT + hours(24.5)
_serials = count(1)


def maternity() -> Site:
    """Return the collection site."""
    return site("MAT-1", SiteKind.COLLECTION)


def next_din() -> str:
    """Return a fresh DIN as it is typed, with its check character."""
    din = Din(f"A999926{next(_serials):06d}")
    return f"{din.text}{din.check_character}"


def new_donation(
    consent: Consent | None = None, *, product: ProductClass = ProductClass.CORD_BLOOD, **otherwise: Any
) -> NewDonation:
    """Return the birth of a consented mother's one infant as the maternity writes it down."""
    donor = (consent or given_consent()).donor
    collected = {
        ProductClass.CORD_BLOOD: Collected(product, UnitKind.COLLECTED_BAG, "S9001V00", volume_ml=Decimal(95)),
        ProductClass.PLACENTA: Collected(product, UnitKind.PIECE, "D0030000", mass_g=Decimal(450)),
        ProductClass.CORD_TISSUE: Collected(product, UnitKind.PIECE, "D0050000", mass_g=Decimal(40)),
    }
    usual = NewDonation(
        din=next_din(),
        donor_id=donor.pk,
        infant_id=infants_of([donor.pk])[donor.pk][0].pk,
        site=maternity(),
        collector=staff(Role.COLLECTION_STAFF),
        collected_at=COLLECTED_AT,
        collected=(collected[product],),
        gestational_age_days=275,
        clamp_seconds=45,
    )
    return replace(usual, **otherwise)


@keepable
def registered_donation(
    consent: Consent | None = None, *, product: ProductClass = ProductClass.CORD_BLOOD
) -> Registered:
    """Return a donation of a consented mother, registered the day after the birth."""
    new = new_donation(consent, product=product)
    return register_donations([new], by=new.collector, at=REGISTERED_AT)[0]


def seen(unit: Unit, **otherwise: object) -> ReceiptFacts:
    """Return what a receipt without any difference looks like."""
    usual: dict[str, object] = {
        "product_class": ProductClass(unit.product_class),
        "label_matches": True,
        "seal_intact": True,
        "bag_intact": True,
        "hours_since_collection": Decimal("23.5"),
        "coldest_celsius": Decimal(4),
        "warmest_celsius": Decimal(9),
        "volume_ml": unit.volume_ml,
    }
    return ReceiptFacts(**usual | otherwise)  # type: ignore[arg-type]


def collection_of(*registered: Registered, **otherwise: Any) -> CollectionShipment:
    """Return a box with everything of these donations, from the maternity to the bank, with a logger fit for use."""
    device("LOG-1")
    usual = CollectionShipment(
        from_site=maternity(),
        to_site=default_site(),
        unit_ids=tuple(unit.pk for each in registered for unit in each.units),
        sample_ids=tuple(sample.pk for each in registered for sample in each.samples),
        box_code="BOX-1",
        logger_code="LOG-1",
        courier="Courier",
        seal_code="SEAL-0",
    )
    return replace(usual, **otherwise)


def on_its_way(*registered: Registered) -> Shipment:
    """Return a box with everything of these donations, in the courier's hands."""
    collector = staff(Role.COLLECTION_STAFF)
    shipment = pack_collection(collection_of(*registered), by=collector, at=REGISTERED_AT)
    return hand_over_collection(shipment, to="Courier, desk 1", by=collector, at=REGISTERED_AT + hours(0.5))
