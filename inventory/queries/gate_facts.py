"""What the gates ask of units themselves and of the donations and donors behind them."""

from collections.abc import Collection, Sequence

from consent.domain.permitted_use import PermittedUse, Purpose
from consent.queries.permitted_use import permitted_uses
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.gate_facts import DonorFacts, UnitFacts
from inventory.domain.product_code import collection_type_of
from inventory.domain.specification import ACCEPTANCE_STAGES, RELEASE_STAGES, Limit, Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.unit import Unit
from inventory.queries.background import Background


def unit_facts(units: Sequence[Unit], behind: Background) -> dict[int, UnitFacts]:
    """Return, by unit id, each unit with the limits it was accepted under and those in force for its release."""
    return {unit.pk: _unit_facts(unit, behind) for unit in units}


def _unit_facts(unit: Unit, behind: Background) -> UnitFacts:
    book = behind.rulebook
    acceptance = book.specifications.get(behind.accepted_under.get(unit.pk, 0))
    release = book.in_force(unit.product_class, unit.use)
    return UnitFacts(
        code=unit.code,
        product_class=ProductClass(unit.product_class),
        accepted_use=Use(unit.use) if unit.use else None,
        collection_type=collection_type_of(unit.product_code),
        expiry=expiry_of(unit),
        specification=str(acceptance) if acceptance else "",
        acceptance_limits=_of_stages(book.limits[acceptance.pk], ACCEPTANCE_STAGES) if acceptance else (),
        release_specification=str(release) if release else "",
        release_limits=_of_stages(book.limits[release.pk], RELEASE_STAGES) if release else (),
        measurements=behind.measurements[unit.pk],
    )


def _of_stages(limits: tuple[Limit, ...], stages: Collection[Stage]) -> tuple[Limit, ...]:
    return tuple(limit for limit in limits if limit.stage in stages)


def donor_facts(behind: Background, purpose: Purpose | None) -> dict[int, tuple[DonorFacts, ...]]:
    """Return, by unit id, every donation behind it with what its donor permits and how the donor was determined."""
    donations = {unit_id: ancestry.donations for unit_id, ancestry in behind.ancestries.items()}
    uses: dict[int, PermittedUse] = {}
    if purpose is not None:
        uses = permitted_uses({each.donor_id for found in donations.values() for each in found}, purpose)
    return {
        unit_id: tuple(
            DonorFacts(
                donor_code=donation.donor.donor_code,
                din=donation.code,
                permitted_use=uses.get(donation.donor_id),
                determination=behind.determinations.get(donation.pk),
            )
            for donation in found
        )
        for unit_id, found in donations.items()
    }


def expiry_of(unit: Unit) -> Expiry:
    """Return the decision about a unit's expiry."""
    return Expiry(ExpiryBasis(unit.expiry_basis) if unit.expiry_basis else None, unit.expires_at)
