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


def _infant(donor: Donor, infant: InfantFacts) -> Infant:
    return Infant(donor=donor, order=infant.order, sex=infant.sex.value, born_at=infant.born_at)


def _written(new: NewDonor) -> dict[str, object]:
    infants = [_written_infant(infant) for infant in new.infants]
    return {"origin": new.origin, "site": new.site.code, "infants": infants}


def _written_infant(infant: InfantFacts) -> dict[str, object]:
    """Leave the time of birth out: with the site it would point at a person, and the ledger cannot forget."""
    return {"order": infant.order, "sex": infant.sex}
