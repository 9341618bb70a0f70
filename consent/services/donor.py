"""Registering donors: mother and infants under a random code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.donor import InfantFacts, Origin, Sex, check_infants
from consent.domain.identity import Identity
from consent.models.donor import Donor, Infant
from consent.queries.donor import infants_of, lock_donors
from consent.services.identity import NewIdentity, record_identity


@dataclass(frozen=True, kw_only=True)
class NewDonor:
    """A donor to register; infants and identity may follow later."""

    site: Site
    infants: tuple[InfantFacts, ...] = ()
    origin: Origin = Origin.OWN
    identity: Identity | None = None


@service
def register_donor(new: NewDonor, *, by: Person, at: datetime) -> Donor:
    """Register one donor under a random code; see ``register_donors``."""
    return register_donors([new], by=by, at=at)[0]


@service
def register_donors(new: Sequence[NewDonor], *, by: Person, at: datetime) -> list[Donor]:
    """Register donors in bulk, each under a random code of its own.

    Raises ``DonorRefused`` where infants cannot stand as stated, ``IdentityRefused`` as ``record_identity`` does.
    """
    for each in new:
        check_infants(each.infants, at=at)
    donors = Donor.objects.bulk_create(
        [Donor(donor_code=new_code("DNR"), site=each.site, origin=each.origin.value, created_at=at) for each in new]
    )
    pairs = list(zip(donors, new, strict=True))
    Infant.objects.bulk_create([_infant(donor, infant) for donor, each in pairs for infant in each.infants])
    for donor, each in pairs:
        record("donor.registered", subjects=[donor.donor_code], by=by, at=at, new=_written(each))
        if each.identity is not None:
            record_identity(NewIdentity(donor=donor, identity=each.identity), by=by, at=at)
    return donors


@service
def register_unknown_donors(count: int, *, origin: str, site: Site, by: Person, at: datetime) -> list[int]:
    """Register so many donors of whom nothing is known here but that there is one, and return their ids."""
    donors = register_donors([NewDonor(site=site, origin=Origin(origin))] * count, by=by, at=at)
    return [donor.pk for donor in donors]


@service
def register_infants(donor: Donor, infants: Sequence[InfantFacts], *, by: Person, at: datetime) -> list[Infant]:
    """Add infants to a donor registered before the birth. Raises ``DonorRefused`` as ``register_donors`` does."""
    locked = lock_donors([donor.id])[0]
    there = [
        InfantFacts(order=infant.order, sex=Sex(infant.sex), born_at=infant.born_at)
        for infant in infants_of([locked.id])[locked.id]
    ]
    check_infants([*there, *infants], at=at)
    added = Infant.objects.bulk_create([_infant(locked, infant) for infant in infants])
    new = {"infants": [_written_infant(infant) for infant in infants]}
    record("donor.registered", subjects=[locked.donor_code], by=by, at=at, old={"infants": len(there)}, new=new)
    return added


@service
def correct_infant(
    infant_id: int, facts: InfantFacts, *, reason: str, also: Sequence[str] = (), by: Person, at: datetime
) -> Infant:
    """Write an infant's sex and time of birth as they were found to be; ``also`` are further codes of the entry.

    That the time was corrected is told and never when it was (``_written_infant``). Raises ``DonorRefused`` where they
    contradict the donor's other infants.
    """
    found = Infant.objects.select_related("donor").get(pk=infant_id)
    lock_donors([found.donor_id])
    infants = infants_of([found.donor_id])[found.donor_id]
    stated = [
        facts if each.pk == infant_id else InfantFacts(each.order, Sex(each.sex), each.born_at) for each in infants
    ]
    check_infants(stated, at=at)
    old, moved = {"infant": found.order, "sex": found.sex}, found.born_at != facts.born_at
    found.sex, found.born_at = facts.sex.value, facts.born_at
    found.save(update_fields=["sex", "born_at"])
    new = {"infant": found.order, "sex": found.sex, "time_of_birth_corrected": moved}
    record("fact.corrected", subjects=[found.donor.donor_code, *also], by=by, at=at, reason=reason, old=old, new=new)
    return found


def _infant(donor: Donor, infant: InfantFacts) -> Infant:
    return Infant(donor=donor, order=infant.order, sex=infant.sex.value, born_at=infant.born_at)


def _written(new: NewDonor) -> dict[str, object]:
    infants = [_written_infant(infant) for infant in new.infants]
    return {"origin": new.origin, "site": new.site.code, "infants": infants}


def _written_infant(infant: InfantFacts) -> dict[str, object]:
    """Leave the time of birth out: with the site it would point at a person, and the ledger cannot forget."""
    return {"order": infant.order, "sex": infant.sex}
