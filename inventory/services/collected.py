"""What was collected of a donation: the first units and tubes, checked and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from inventory.domain.amount import obstacles_to_amounts
from inventory.domain.donation import (
    DonationEvent,
    DonationPurpose,
    obstacles_to_collection_type,
    obstacles_to_product,
)
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, UnitState
from inventory.models.donation import Donation
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit, UnitSource
from inventory.queries.donation import codes_of
from inventory.queries.product_code import product_table
from inventory.services.sample import NewSample, register_samples
from inventory.services.unit import record_registered


@dataclass(frozen=True)
class Collected:
    """One bag or piece as collected. Volume in millilitres without additives, mass in grams.

    ``shared_with`` are the DINs of the twins' donations of which a placenta is too.
    """

    product_class: ProductClass
    kind: UnitKind
    product_code: str
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Registered:
    """What a registration made."""

    donation: Donation
    units: tuple[Unit, ...]
    samples: tuple[ReferenceSample, ...]


@dataclass(frozen=True)
class Gift:
    """What was collected under one DIN, at which event, for whom, and where it lies with the mother's tubes."""

    din: str
    purpose: DonationPurpose
    collected: tuple[Collected, ...]
    holder: str
    tubes: tuple[SampleRole, ...]
    event: DonationEvent = DonationEvent.BIRTH


def obstacles_to_collected(gifts: Sequence[Gift], *, at: datetime) -> list[Reason]:
    """Return every reason why these bags and pieces cannot be registered.

    Raises ``ProductCodeRefused`` for a product code that is none of the bank's.
    """
    table = product_table(bag.product_code for gift in gifts for bag in gift.collected)
    reasons: list[Reason] = []
    codes: list[str] = []
    for gift in gifts:
        if not gift.collected:
            reasons.append(Reason(f"{gift.din}: nothing was collected.", "nothing-collected", "collected"))
        for bag in gift.collected:
            collection_type = table.check(bag.product_code, on=at.date()).collection_type
            codes.append(f"{gift.din}{bag.product_code}")
            reasons += obstacles_to_product(codes[-1], bag.product_class, gift.event)
            reasons += obstacles_to_collection_type(codes[-1], collection_type, [gift.purpose])
            reasons += obstacles_to_amounts(codes[-1], volume_ml=bag.volume_ml, mass_g=bag.mass_g)
    repeated = {code for code in codes if codes.count(code) > 1} if len(set(codes)) < len(codes) else set()
    taken = set(Unit.objects.filter(code__in=codes).values_list("code", flat=True))
    return reasons + [
        Reason(f"{code} is one unit and cannot be two: give each a division of its own.", "code-taken", "collected")
        for code in sorted(repeated | taken)
    ]


def write_collected(
    gifts: Sequence[Gift],
    donations: Sequence[Donation],
    *,
    shared: Mapping[str, Donation],
    reason: str,
    by: Person,
    at: datetime,
) -> list[Registered]:
    """Write the units and tubes of donations just written, and record them; ``shared`` are donations by DIN."""
    made = [
        [_unit(bag, donation, holder=gift.holder, at=at) for bag in gift.collected]
        for gift, donation in zip(gifts, donations, strict=True)
    ]
    units = Unit.objects.bulk_create([unit for each in made for unit in each], batch_size=500)
    bags = [bag for gift in gifts for bag in gift.collected]
    behind = {
        unit.pk: (unit.donation, *(shared[din] for din in bag.shared_with))
        for unit, bag in zip(units, bags, strict=True)
    }
    UnitSource.objects.bulk_create(
        [UnitSource(unit=unit, donation=donation) for unit in units for donation in behind[unit.pk]], batch_size=500
    )
    samples = _keep_tubes(gifts, donations, by=by, at=at)
    record_registered(units, reason=reason, by=by, at=at, behind=codes_of(behind))
    return [
        Registered(donation=donation, units=tuple(each), samples=tuple(tubes))
        for donation, each, tubes in zip(donations, made, samples, strict=True)
    ]


def _unit(bag: Collected, donation: Donation, *, holder: str, at: datetime) -> Unit:
    return Unit(
        code=f"{donation.code}{bag.product_code}",
        donation=donation,
        product_code=bag.product_code,
        kind=bag.kind.value,
        product_class=bag.product_class.value,
        state=UnitState.COLLECTED.value,
        holder=holder,
        volume_ml=bag.volume_ml,
        mass_g=bag.mass_g,
        registered_at=at,
    )


def _keep_tubes(
    gifts: Sequence[Gift], donations: Sequence[Donation], *, by: Person, at: datetime
) -> list[list[ReferenceSample]]:
    wanted = [
        NewSample(donation=donation, role=role, holder=gift.holder)
        for gift, donation in zip(gifts, donations, strict=True)
        for role in gift.tubes
    ]
    samples = iter(register_samples(wanted, by=by, at=at))
    return [[next(samples) for _ in gift.tubes] for gift in gifts]
