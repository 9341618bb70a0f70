"""Recovery after death: registering a neonatal liver, and ending its cold time when it is taken into processing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import infants_of, lock_donors
from inventory.domain.assay import Qualifier, Subject
from inventory.domain.din import Din
from inventory.domain.donation import DonationEvent, DonationPurpose, DonationRefused
from inventory.domain.kinship import Kin, obstacles_to_naming
from inventory.domain.processing import ProcessingRefused
from inventory.domain.recovery import (
    RecoveryFacts,
    ischaemia_minutes,
    minutes_between,
    obstacles_to_end_of_cold,
    obstacles_to_recovery,
)
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind
from inventory.models.donation import Donation
from inventory.models.recovery import Recovery
from inventory.models.unit import Unit
from inventory.queries.recovery import Authorisation, authorisation_of, liver_of, recoveries_behind
from inventory.services.collected import Collected, Gift, Registered, obstacles_to_collected, write_collected
from inventory.services.kinship import write_kinships
from inventory.services.result import NewResult, enter_results

COMPUTED = "computed from the times recorded"


@dataclass(frozen=True, kw_only=True)
class NewRecovery:
    """One infant's liver, recovered after death on the parents' authorisation.

    Warm ischaemia runs from death to cross-clamp, cold ischaemia from there until the liver is taken into processing:
    ``cold_ended_at``, left out while it is cold. Minutes claimed on the papers are held against the times. Yield and
    viability are results of what is made of it.
    """

    din: str
    donor_id: int
    infant_id: int
    site: Site
    collector: Person
    organisation: str
    died_at: datetime
    cross_clamp_at: datetime
    recovered_at: datetime
    product_code: str
    mass_g: Decimal
    cold_ended_at: datetime | None = None
    warm_minutes: int | None = None
    cold_minutes: int | None = None
    preservation_fluid: str = ""
    procedure_version: str = ""
    maternal_tubes: tuple[SampleRole, ...] = (SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA)
    purpose: DonationPurpose = DonationPurpose.UNRELATED
    kin: Kin | None = None


@service
def register_recovery(new: NewRecovery, *, by: Person, at: datetime) -> Registered:
    """Register a donation by recovery after death, with the liver and the mother's tubes.

    Raises ``DonationRefused`` with every obstacle: no authorisation, impossible times, minutes that the times do not
    give, an infant older than 28 days, DIN taken. A long cold time is no obstacle.
    """
    donor = lock_donors([new.donor_id])[0]
    gift = _gift(new)
    authorisation = authorisation_of(new.donor_id, new.infant_id, at)
    reasons = [*_obstacles(new, gift.din, authorisation, at=at), *obstacles_to_collected([gift], at=at)]
    if reasons or authorisation is None:
        raise DonationRefused("The recovery was not registered.", reasons=reasons)
    donation = _donation(new, gift.din, by=by, at=at)
    donation.save()
    donation.donor = donor
    recovery = _recovery(new, donation, authorisation)
    recovery.save()
    _record(donation, recovery, new, by=by, at=at)
    if new.kin is not None:
        write_kinships([(donation, new.kin)], by=by, at=at)
    (registered,) = write_collected([gift], [donation], shared={}, reason="recovered after death", by=by, at=at)
    results = [minutes_result(unit, "warm", recovery.warm_ischaemia_minutes) for unit in registered.units]
    if recovery.cold_ischaemia_minutes is not None:
        results += [minutes_result(unit, "cold", recovery.cold_ischaemia_minutes) for unit in registered.units]
    enter_results(results, by=by, at=at)
    return registered


def end_cold_ischaemia(taken_in: Sequence[tuple[Unit, datetime]], *, by: Person, at: datetime) -> None:
    """Write how long livers were cold that are taken into processing now, units and their donors being locked.

    One whose cold time has ended already stays as it was. Raises ``ProcessingRefused`` for an impossible time.
    """
    livers = [(unit, moment) for unit, moment in taken_in if unit.product_class == ProductClass.LIVER_TISSUE]
    recoveries = recoveries_behind([unit.donation_id for unit, _ in livers]) if livers else {}
    results = []
    for unit, moment in livers:
        recovery = recoveries.get(unit.donation_id)
        if recovery is None or recovery.cold_ended_at is not None:
            continue
        if reasons := obstacles_to_end_of_cold(recovery.cross_clamp_at, moment):
            raise ProcessingRefused("The processing was not recorded.", reasons=reasons)
        recovery.cold_ended_at = moment
        recovery.cold_ischaemia_minutes = minutes_between(recovery.cross_clamp_at, moment)
        recovery.save(update_fields=["cold_ended_at", "cold_ischaemia_minutes"])
        results.append(minutes_result(unit, "cold", recovery.cold_ischaemia_minutes))
    enter_results(results, by=by, at=at)


def _gift(new: NewRecovery) -> Gift:
    liver = Collected(ProductClass.LIVER_TISSUE, UnitKind.PIECE, new.product_code, mass_g=new.mass_g)
    event = DonationEvent.RECOVERY_AFTER_DEATH
    return Gift(Din.parse(new.din).text, new.purpose, (liver,), new.site.code, new.maternal_tubes, event)


def _obstacles(new: NewRecovery, din: str, authorisation: Authorisation | None, *, at: datetime) -> list[Reason]:
    infant = next((each for each in infants_of([new.donor_id])[new.donor_id] if each.pk == new.infant_id), None)
    facts = RecoveryFacts(
        organisation=new.organisation,
        died_at=new.died_at,
        cross_clamp_at=new.cross_clamp_at,
        recovered_at=new.recovered_at,
        authorised_at=authorisation.given_at if authorisation else None,
        born_at=infant.born_at if infant else None,
        cold_ended_at=new.cold_ended_at,
        warm_minutes=new.warm_minutes,
        cold_minutes=new.cold_minutes,
        preservation_fluid=new.preservation_fluid,
    )
    reasons = [*obstacles_to_recovery(facts, at=at), *obstacles_to_naming(new.purpose, new.kin)]
    if infant is None:
        reasons.append(Reason("The infant is not one of this donor's.", "other-donor", "infant"))
    if liver := liver_of(new.infant_id):
        reasons.append(Reason(f"The liver of this infant is registered, as {liver}.", "recovered-already", "infant"))
    if Donation.objects.filter(code=din).exists():
        reasons.append(Reason(f"{din} is registered already.", "din-taken", "din"))
    return [Reason(f"{din}: {each.text}", each.code, each.field) for each in reasons]


def _donation(new: NewRecovery, din: str, *, by: Person, at: datetime) -> Donation:
    return Donation(
        code=din,
        din=din,
        donor_id=new.donor_id,
        infant_id=new.infant_id,
        event=DonationEvent.RECOVERY_AFTER_DEATH.value,
        purpose=new.purpose.value,
        collection_site=new.site,
        collector=new.collector,
        procedure_version=new.procedure_version,
        collected_at=new.recovered_at,
        registered_by=by,
        registered_at=at,
    )


def _recovery(new: NewRecovery, donation: Donation, authorisation: Authorisation) -> Recovery:
    warm, cold = ischaemia_minutes(new.died_at, new.cross_clamp_at, new.cold_ended_at)
    return Recovery(
        donation=donation,
        organisation=new.organisation.strip(),
        authorisation=authorisation.code,
        died_at=new.died_at,
        cross_clamp_at=new.cross_clamp_at,
        cold_ended_at=new.cold_ended_at,
        warm_ischaemia_minutes=warm,
        cold_ischaemia_minutes=cold,
        preservation_fluid=new.preservation_fluid,
    )


def minutes_result(unit: Unit, which: str, minutes: int | None) -> NewResult:
    """Return a liver's minutes, ``warm`` or ``cold``, as the result that a specification reads; None is not known."""
    return NewResult(
        f"{which}_ischaemia_minutes",
        Subject.UNIT,
        unit=unit,
        value="" if minutes is None else str(minutes),
        qualifier=Qualifier.NOT_DONE if minutes is None else Qualifier.MEASURED,
        method=COMPUTED,
    )


def _record(donation: Donation, recovery: Recovery, new: NewRecovery, *, by: Person, at: datetime) -> None:
    record(
        "donation.registered",
        subjects=[donation.code, donation.donor.donor_code, recovery.authorisation],
        by=by,
        at=at,
        occurred_at=new.recovered_at,
        new={
            "event": donation.event,
            "purpose": donation.purpose,
            "collected_at": donation.collected_at,
            "collector": new.collector.username,
            "site": new.site.code,
            "organisation": recovery.organisation,
            "authorisation": recovery.authorisation,
            "died_at": recovery.died_at,
            "cross_clamp_at": recovery.cross_clamp_at,
            "cold_ended_at": recovery.cold_ended_at,
            "warm_ischaemia_minutes": recovery.warm_ischaemia_minutes,
            "cold_ischaemia_minutes": recovery.cold_ischaemia_minutes,
            "preservation_fluid": recovery.preservation_fluid,
        },
    )
