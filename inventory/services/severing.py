"""Severing a divided bag: one unit of two compartments becomes two units, and each keeps what hangs on it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.amount import divided
from inventory.domain.dose import compartments
from inventory.domain.processing import ProcessingRefused
from inventory.domain.severing import SeveringFacts, obstacles_to_severing
from inventory.domain.unit import UnitKind
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.sample import attached_to, lock_samples
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.amount import amounts_of
from inventory.services.processing import Child, NewProcessing, process_units

METHOD = "severing"


@dataclass(frozen=True)
class BagPart:
    """One part of a divided bag: its product code, with a division of its own, and the samples that hang on it."""

    product_code: str
    sample_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Severing:
    """A bag severed along its seam. ``division`` is its compartments as written on it: 80/20, 50/50 or 40/60."""

    unit_id: int
    division: str
    larger: BagPart
    smaller: BagPart
    severed_at: datetime
    operator: Person


@service
def sever_bag(severing: Severing, *, by: Person, at: datetime) -> tuple[Unit, Unit]:
    """Make two units of one divided bag, in the cold: the bag is consumed, its results stay the bag's.

    Volume and cells are shared out by the compartments, and nothing is lost in rounding. Raises ``ProcessingRefused``
    with every obstacle: no bag, thawed, in a shipment, a hanging sample left over or claimed twice.
    """
    lock_donors(donors_behind([severing.unit_id]))
    bag = next(iter(lock_units([severing.unit_id])), None)
    if bag is None:
        raise ProcessingRefused("The bag named does not exist.", field="parents")
    samples = {sample.pk: sample for sample in lock_samples(attached_to([bag.pk]))}
    if reasons := _obstacles(severing, bag, samples):
        raise ProcessingRefused("The bag was not severed.", reasons=reasons)
    ((larger, smaller),) = process_units([_processing(severing, bag)], by=by, at=at)
    for part, unit in ((severing.larger, larger), (severing.smaller, smaller)):
        _hang(bag, unit, [samples[sample_id] for sample_id in part.sample_ids], by=by, at=at)
    return larger, smaller


def _obstacles(severing: Severing, bag: Unit, samples: dict[int, ReferenceSample]) -> list[Reason]:
    facts = SeveringFacts(
        code=bag.code,
        kind=UnitKind(bag.kind),
        is_measured=bag.volume_ml is not None,
        hanging=tuple(samples),
        named=(*severing.larger.sample_ids, *severing.smaller.sample_ids),
        product_code=bag.product_code,
        parts=(severing.larger.product_code, severing.smaller.product_code),
    )
    return obstacles_to_severing(facts)


def _processing(severing: Severing, bag: Unit) -> NewProcessing:
    larger, smaller = compartments(100, severing.division)
    amounts = divided(amounts_of(bag), (Fraction(larger), Fraction(smaller)))
    children = tuple(
        Child(
            part.product_code,
            UnitKind(bag.kind),
            taken_ml=have.volume_ml,
            taken_g=have.mass_g,
            volume_ml=have.volume_ml,
            mass_g=have.mass_g,
            tnc=have.tnc,
        )
        for part, have in zip((severing.larger, severing.smaller), amounts, strict=True)
    )
    return NewProcessing(
        parent_id=bag.pk,
        children=children,
        method=METHOD,
        started_at=severing.severed_at,
        operator=severing.operator,
        volume_before_ml=bag.volume_ml,
        stays_frozen=True,
    )


def _hang(bag: Unit, part: Unit, samples: list[ReferenceSample], *, by: Person, at: datetime) -> None:
    """Write which part the samples of the bag hang on, and record each."""
    for sample in samples:
        record(
            "sample.rehung",
            subjects=[bag.donation.code, bag.code, part.code],
            item=sample.code,
            by=by,
            at=at,
            old={"attached_to": bag.code},
            new={"attached_to": part.code},
        )
        sample.unit = part
    ReferenceSample.objects.bulk_update(samples, ["unit"])
