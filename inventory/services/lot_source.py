"""What a lot is made of: what is asked for, what the units named hold, and what stands against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects

from biobank.domain.refusal import Reason
from inventory.domain.amount import measured_by, obstacles_to_amounts
from inventory.domain.donation import DonationPurpose, obstacles_to_collection_type
from inventory.domain.expiry import Expiry
from inventory.domain.lot import (
    LotRefused,
    obstacles_to_size,
)
from inventory.domain.processing import ParentFacts, ProcessingFacts, obstacles_to_processing
from inventory.domain.product_code import collection_type_of
from inventory.domain.unit import ProductClass, UnitState
from inventory.models.donation import Donation
from inventory.models.unit import Unit
from inventory.queries.ancestry import Ancestry, ancestries_of
from inventory.queries.journey import open_journeys
from inventory.queries.product_code import product_table
from inventory.services.amount import amounts_of
from inventory.services.means import obstacles_to_means
from inventory.services.processing import Run


@dataclass(frozen=True)
class Taken:
    """What goes into a lot of one unit, in millilitres or grams as the unit is measured; None is all that is left."""

    unit_id: int
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class NewLot(Run):
    """One run and the vials that came of it: alike in amount (mL, g, cells), told apart by their divisions.

    ``product_code`` has six characters. ``pool_din`` is the DIN that a pool of several donations is to carry.
    ``expiry`` is a decision other than the policy of the product.
    """

    parents: tuple[Taken, ...]
    vials: int
    product_code: str
    product_class: ProductClass
    volume_ml: Decimal | None = None
    mass_g: Decimal | None = None
    tnc: int | None = None
    pool_din: str = ""
    expiry: Expiry | None = None


@dataclass(frozen=True)
class Source:
    """What a lot is made of: locked parents in order, what each holds, what is taken of it, and what is behind it."""

    parents: list[Unit]
    amount: Mapping[int, Decimal | None]
    taken: Mapping[int, Decimal | None]
    behind: Mapping[int, Ancestry]
    donations: list[Donation] = field(default_factory=list)

    def used_up(self) -> list[Unit]:
        """The parents of which nothing is left."""
        return [parent for parent in self.parents if self.amount[parent.pk] == self.taken[parent.pk]]

    def living_on(self) -> list[tuple[Unit, Decimal]]:
        """The parents of which something is left, with what is taken of each."""
        used_up = {parent.pk for parent in self.used_up()}
        taken = [(parent, self.taken[parent.pk]) for parent in self.parents if parent.pk not in used_up]
        return [(parent, amount) for parent, amount in taken if amount is not None]


def gather_source(new: NewLot, parents: list[Unit]) -> Source:
    """Return what a lot is to be made of; raises ``LotRefused`` for units named twice or that do not exist."""
    if not new.parents or len(parents) < len(new.parents):
        raise LotRefused("Name each unit that the lot was made of once.", field="parents")
    prefetch_related_objects(parents, "donation__donor")
    behind = ancestries_of([parent.pk for parent in parents])
    holds = {parent.pk: measured_by(amounts_of(parent)) for parent in parents}
    stated = {each.unit_id: each.amount for each in new.parents}
    taken = {pk: amount if stated[pk] is None else stated[pk] for pk, amount in holds.items()}
    donations = {donation.pk: donation for each in behind.values() for donation in each.donations}
    return Source(parents, holds, taken, behind, [donations[pk] for pk in sorted(donations)])


def check_lot(new: NewLot, source: Source, din: str, *, at: datetime) -> None:
    """Raise ``LotRefused`` with everything that stands against making this of that."""
    facts = ProcessingFacts(
        parents=tuple(_parent_facts(parent, source, new) for parent in source.parents),
        children=(f"{din}{new.product_code}",),
        started_at=new.started_at,
        frozen_at=new.frozen_at,
        volume_before_ml=new.volume_before_ml,
        volume_after_ml=new.volume_after_ml,
        stays_frozen=new.stays_frozen,
    )
    travelling = open_journeys(unit_ids=[parent.pk for parent in source.parents])
    reasons = [
        *obstacles_to_size(new.vials),
        *obstacles_to_processing(facts, at=at),
        *obstacles_to_amounts(new.product_code, volume_ml=new.volume_ml, mass_g=new.mass_g, tnc=new.tnc),
        *(
            Reason(f"{code} is packed in {box} and was not received.", "not-here", "parents")
            for code, box in sorted(travelling.items())
        ),
        *obstacles_to_means([new]),
        *_of_one_kind(source.parents),
    ]
    if reasons:
        raise LotRefused("The lot was not made.", reasons=reasons)


def check_product_code(base: str, source: Source, *, at: datetime) -> None:
    """Refuse a product code that is none of the bank's, or whose collection type is not that of what it is made of."""
    collection_type = product_table([f"{base}99"]).check(f"{base}99", on=at.date()).collection_type
    purposes = [DonationPurpose(each.purpose) for each in source.donations]
    reasons = [
        reason
        for parent in source.parents
        for reason in obstacles_to_collection_type(
            base, collection_type, purposes, made_from=collection_type_of(parent.product_code) or ""
        )
    ]
    if reasons:
        raise LotRefused("The lot was not made.", reasons=list(dict.fromkeys(reasons)))


def _parent_facts(parent: Unit, source: Source, new: NewLot) -> ParentFacts:
    return ParentFacts(
        code=parent.code,
        state=UnitState(parent.state),
        amount=source.amount[parent.pk],
        taken=(source.taken[parent.pk],),
        collected_at=parent.donation.collected_at,
        lives_on=parent not in source.used_up(),
        thawed=parent.thawed,
        product_class=ProductClass(parent.product_class),
        makes=(new.product_class,),
    )


def _of_one_kind(parents: Sequence[Unit]) -> list[Reason]:
    """A lot is made in one place, of what is of one origin."""
    reasons = []
    if len({parent.holder for parent in parents}) > 1:
        reasons.append(Reason("The units named are not in one place.", "not-here", "parents"))
    if len({parent.origin for parent in parents}) > 1:
        reasons.append(Reason("The units named are of several origins.", "origin", "parents"))
    return reasons
