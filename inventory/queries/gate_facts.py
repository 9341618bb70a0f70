"""What the gates ask of units themselves and of the donations and donors behind them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from consent.domain.permitted_use import PermittedUse, Purpose
from consent.queries.permitted_use import permitted_uses
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.gate_facts import DonorFacts, UnitFacts
from inventory.domain.specification import ACCEPTANCE_STAGES, RELEASE_STAGES, Limit, Measurement, Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.acceptance import Acceptance
from inventory.models.unit import Unit, UnitSource
from inventory.queries.eligibility import determinations_of
from inventory.queries.specification import limits_of, specifications_in_force


def unit_facts(units: Sequence[Unit], measurements: dict[int, tuple[Measurement, ...]]) -> dict[int, UnitFacts]:
    """Return, by unit id, each unit with the limits it was accepted under and those in force for its release."""
    accepted = {
        row.unit_id: row.specification
        for row in Acceptance.objects.filter(
            unit_id__in=[unit.pk for unit in units], withdrawn_at__isnull=True
        ).select_related("specification")
    }
    in_force = specifications_in_force()
    limits = limits_of({each.pk for each in [*accepted.values(), *in_force.values()]})
    found = {}
    for unit in units:
        acceptance = accepted.get(unit.pk)
        release = in_force.get((unit.product_class, unit.use))
        found[unit.pk] = UnitFacts(
            code=unit.code,
            product_class=ProductClass(unit.product_class),
            accepted_use=Use(unit.use) if unit.use else None,
            collection_type=unit.product_code[5:6],
            expiry=expiry_of(unit),
            specification=str(acceptance) if acceptance else "",
            acceptance_limits=_of_stages(limits[acceptance.pk], ACCEPTANCE_STAGES) if acceptance else (),
            release_specification=str(release) if release else "",
            release_limits=_of_stages(limits[release.pk], RELEASE_STAGES) if release else (),
            measurements=measurements[unit.pk],
        )
    return found


def _of_stages(limits: tuple[Limit, ...], stages: Collection[Stage]) -> tuple[Limit, ...]:
    return tuple(limit for limit in limits if limit.stage in stages)


def donor_facts(unit_ids: Sequence[int], purpose: Purpose | None, at: datetime) -> dict[int, tuple[DonorFacts, ...]]:
    """Return, by unit id, every donation behind it with what its donor permits and how the donor was determined."""
    sources = list(
        UnitSource.objects.filter(unit_id__in=unit_ids).select_related("donation__donor").order_by("donation_id")
    )
    uses: dict[int, PermittedUse] = {}
    if purpose is not None:
        uses = permitted_uses({source.donation.donor_id for source in sources}, purpose, at)
    determinations = determinations_of({source.donation_id for source in sources})
    found: dict[int, list[DonorFacts]] = {unit_id: [] for unit_id in unit_ids}
    for source in sources:
        facts = DonorFacts(
            donor_code=source.donation.donor.donor_code,
            din=source.donation.code,
            permitted_use=uses.get(source.donation.donor_id),
            determination=determinations.get(source.donation_id),
        )
        found[source.unit_id].append(facts)
    return {unit_id: tuple(facts) for unit_id, facts in found.items()}


def expiry_of(unit: Unit) -> Expiry:
    """Return the decision about a unit's expiry."""
    return Expiry(ExpiryBasis(unit.expiry_basis) if unit.expiry_basis else None, unit.expires_at)
