"""What the gates ask of units themselves and of the donations and donors behind them."""

from collections.abc import Collection, Sequence

from consent.domain.permitted_use import PermittedUse, Purpose, Verdict
from consent.queries.permitted_use import permitted_uses
from inventory.domain.donation import DonationPurpose
from inventory.domain.expiry import Expiry, ExpiryBasis
from inventory.domain.gate_facts import DonorFacts, LotFacts, UnitFacts
from inventory.domain.product_code import collection_type_of
from inventory.domain.release import ReleaseKind
from inventory.domain.specification import ACCEPTANCE_STAGES, RELEASE_STAGES, Limit, Stage
from inventory.domain.unit import ProductClass, Use
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.queries.ancestry import source_of
from inventory.queries.background import Background
from inventory.queries.kinship import degrees_to
from inventory.queries.referral import upheld_consents


def unit_facts(
    units: Sequence[Unit], behind: Background, *, kind: ReleaseKind = ReleaseKind.NORMAL
) -> dict[int, UnitFacts]:
    """Return, by unit id, each unit with the limits it was accepted under and those in force for its release.

    A unit that an exception takes out of quarantine was accepted under none: it is held to what is in force for human
    application, so that each criterion it fails or lacks has its name.
    """
    return {unit.pk: _unit_facts(unit, behind, excepted=kind is not ReleaseKind.NORMAL) for unit in units}


def _unit_facts(unit: Unit, behind: Background, *, excepted: bool) -> UnitFacts:
    book = behind.rulebook
    in_force = book.in_force(unit.product_class, Use.HUMAN_APPLICATION.value if excepted else unit.use)
    acceptance = book.specifications.get(behind.accepted_under.get(unit.pk, 0)) or (in_force if excepted else None)
    release = in_force
    return UnitFacts(
        code=unit.code,
        product_class=ProductClass(unit.product_class),
        accepted_use=Use(unit.use) if unit.use else None,
        collection_type=collection_type_of(unit.product_code),
        expiry=expiry_of(unit),
        thawed=unit.thawed,
        specification=str(acceptance) if acceptance else "",
        acceptance_limits=_of_stages(book.limits[acceptance.pk], ACCEPTANCE_STAGES) if acceptance else (),
        release_specification=str(release) if release else "",
        release_limits=_of_stages(book.limits[release.pk], RELEASE_STAGES) if release else (),
        measurements=behind.measurements[unit.pk],
    )


def _of_stages(limits: tuple[Limit, ...], stages: Collection[Stage]) -> tuple[Limit, ...]:
    return tuple(limit for limit in limits if limit.stage in stages)


def donor_facts(
    behind: Background, purpose: Purpose | None, *, recipient_id: int | None = None
) -> dict[int, tuple[DonorFacts, ...]]:
    """Return, by unit id, every donation behind it with what its donor permits and how the donor was determined.

    Of a recipient it says how near kin the donation knows them to be.
    """
    donations = {unit_id: ancestry.donations for unit_id, ancestry in behind.ancestries.items()}
    uses = uses_permitted(behind, purpose) if purpose is not None else {}
    kin = degrees_to(recipient_id, {each.pk for found in donations.values() for each in found})
    return {
        unit_id: tuple(
            DonorFacts(
                donor_code=donation.donor.donor_code,
                din=donation.code,
                permitted_use=uses.get((unit_id, donation.pk)),
                determination=behind.determinations.get(donation.pk),
                purpose=DonationPurpose(donation.purpose),
                degree=kin.get(donation.pk),
            )
            for donation in found
        )
        for unit_id, found in donations.items()
    }


def uses_permitted(behind: Background, purpose: Purpose) -> dict[tuple[int, int], PermittedUse]:
    """Return, by unit id and donation id, whether the donation's consent permits the purpose for that unit.

    A consent that was decided not to reach a unit when it was withdrawn or narrowed still permits what it did before.
    """
    asked = {
        (unit_id, each.pk): source_of(each) for unit_id, found in behind.ancestries.items() for each in found.donations
    }
    uses = permitted_uses(set(asked.values()), purpose)
    found = {key: uses[source] for key, source in asked.items()}
    stopped = {unit_id for (unit_id, _), use in found.items() if use.verdict is not Verdict.ALLOW}
    for unit_id, consents in (upheld_consents(stopped) if stopped else {}).items():
        theirs = {key: source for key, source in asked.items() if key[0] == unit_id}
        again = permitted_uses(set(theirs.values()), purpose, upheld=consents)
        found |= {key: again[source] for key, source in theirs.items()}
    return found


def permits(unit: Unit, purpose: Purpose) -> bool:
    """Tell whether every consent behind one unit permits the purpose."""
    return all(use.verdict is Verdict.ALLOW for use in uses_permitted(Background([unit]), purpose).values())


def lot_facts(behind: Background) -> dict[int, LotFacts]:
    """Return, by unit id, the lot of each unit that is a vial of one."""
    return {unit_id: LotFacts(lot.code, expiry_of(lot)) for unit_id, lot in behind.lots.items()}


def expiry_of(thing: Unit | Lot) -> Expiry:
    """Return the decision about the expiry of a unit or a lot."""
    return Expiry(ExpiryBasis(thing.expiry_basis) if thing.expiry_basis else None, thing.expires_at)
