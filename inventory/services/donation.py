"""Registering births' donations with what was collected of each, whom they are for, and what twins share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.permitted_use import Standing
from consent.queries.consent import consent_status
from consent.queries.donor import infants_of, lock_donors
from inventory.domain.din import Din
from inventory.domain.donation import (
    Delivery,
    DonationFacts,
    DonationPurpose,
    DonationRefused,
    SharedFacts,
    obstacles_to_registering_a_donation,
    obstacles_to_sharing,
)
from inventory.domain.kinship import Kin, obstacles_to_naming
from inventory.domain.sample import SampleRole
from inventory.models.donation import Donation
from inventory.queries.din_label import spoiled_among
from inventory.services.collected import Collected, Gift, Registered, obstacles_to_collected, write_collected
from inventory.services.kinship import write_kinships

__all__ = ["Collected", "NewDonation", "Registered", "register_donations"]


@dataclass(frozen=True)
class NewDonation:
    """One infant's gift at birth; ``din`` as scanned or typed; ``maternal_tubes`` are kept as reference samples.

    ``kin`` is the recipient that a related donation names, or the code by which a study knows the infant itself. Twins
    are two donations: the second is written without maternal tubes, since they share them.
    """

    din: str
    donor_id: int
    infant_id: int
    site: Site
    collector: Person
    collected_at: datetime
    collected: tuple[Collected, ...]
    delivery: Delivery = Delivery.VAGINAL
    gestational_age_days: int | None = None
    clamp_seconds: int | None = None
    procedure_version: str = ""
    maternal_tubes: tuple[SampleRole, ...] = (SampleRole.MATERNAL_SERUM, SampleRole.MATERNAL_PLASMA)
    purpose: DonationPurpose = DonationPurpose.UNRELATED
    kin: Kin | None = None


@service
def register_donations(news: Sequence[NewDonation], *, by: Person, at: datetime) -> list[Registered]:
    """Register donations with their collected units and maternal tubes, in bulk, all or nothing.

    Raises ``DonationRefused`` with every obstacle (consent not given before collection, DIN taken, impossible times, a
    label for another purpose, a placenta shared with a stranger), ``DinRefused`` for a DIN that is none,
    ``ProductCodeRefused`` for a product code that is none of the bank's.
    """
    donors = {donor.pk: donor for donor in lock_donors(new.donor_id for new in news)}
    dins = [Din.parse(new.din).text for new in news]
    gifts = [_gift(new, din) for new, din in zip(news, dins, strict=True)]
    siblings = _siblings(gifts)
    _check(news, dins, set(donors), at=at)
    reasons = [*obstacles_to_collected(gifts, at=at), *_of_sharing(news, gifts, siblings)]
    if reasons:
        raise DonationRefused("The donation was not registered.", reasons=reasons)
    donations = Donation.objects.bulk_create(
        [_donation(new, din, by=by, at=at) for new, din in zip(news, dins, strict=True)], batch_size=500
    )
    for donation, new in zip(donations, news, strict=True):
        donation.donor = donors[new.donor_id]
        _record(donation, new, by=by, at=at)
    named = [(donation, new.kin) for donation, new in zip(donations, news, strict=True) if new.kin is not None]
    write_kinships(named, by=by, at=at)
    shared = {**siblings, **{donation.code: donation for donation in donations}}
    return write_collected(gifts, donations, shared=shared, reason="collected at birth", by=by, at=at)


def _gift(new: NewDonation, din: str) -> Gift:
    collected = tuple(_with_dins(bag) for bag in new.collected)
    return Gift(din, new.purpose, collected, new.site.code, new.maternal_tubes)


def _with_dins(bag: Collected) -> Collected:
    return replace(bag, shared_with=tuple(Din.parse(din).text for din in bag.shared_with))


def _siblings(gifts: Sequence[Gift]) -> dict[str, Donation]:
    """Return the donations already registered that a placenta is said to be shared with, by DIN."""
    named = {din for gift in gifts for bag in gift.collected for din in bag.shared_with}
    return {each.code: each for each in Donation.objects.filter(code__in=named).select_related("donor")}


def _of_sharing(news: Sequence[NewDonation], gifts: Sequence[Gift], siblings: Mapping[str, Donation]) -> list[Reason]:
    known = {din: SharedFacts(each.donor_id, each.infant_id, each.collected_at) for din, each in siblings.items()}
    known |= {
        gift.din: SharedFacts(new.donor_id, new.infant_id, new.collected_at)
        for new, gift in zip(news, gifts, strict=True)
    }
    return [
        reason
        for gift in gifts
        for bag in gift.collected
        if bag.shared_with
        for reason in obstacles_to_sharing(gift.din, bag.product_class, bag.shared_with, known)
    ]


def _check(news: Sequence[NewDonation], dins: Sequence[str], donor_ids: set[int], *, at: datetime) -> None:
    taken = set(Donation.objects.filter(code__in=dins).values_list("code", flat=True))
    spoiled = spoiled_among(dins)
    consents = consent_status(donor_ids, at)
    births = {infant.pk: infant for each in infants_of(donor_ids).values() for infant in each}
    reasons: list[Reason] = []
    for new, din in zip(news, dins, strict=True):
        consent = consents.get(new.donor_id)
        infant = births.get(new.infant_id)
        if infant is None or infant.donor_id != new.donor_id:
            reasons.append(Reason(f"{din}: the infant is not one of this donor's.", "other-donor", "infant"))
        facts = DonationFacts(
            collected_at=new.collected_at,
            consented_at=consent.given_at if consent and consent.standing is Standing.ACTIVE else None,
            born_at=infant.born_at if infant else None,
            clamp_seconds=new.clamp_seconds,
            gestational_age_days=new.gestational_age_days,
        )
        if din in taken:
            reasons.append(Reason(f"{din} is registered already.", "din-taken", "din"))
        elif din in spoiled:
            reasons.append(Reason(f"{din} is a label recorded as spoiled.", "din-spoiled", "din"))
        found = obstacles_to_registering_a_donation(facts, at=at) + obstacles_to_naming(new.purpose, new.kin)
        reasons += [Reason(f"{din}: {each.text}", each.code, each.field) for each in found]
        taken.add(din)
    if reasons:
        raise DonationRefused("The donation was not registered.", reasons=reasons)


def _donation(new: NewDonation, din: str, *, by: Person, at: datetime) -> Donation:
    return Donation(
        code=din,
        din=din,
        donor_id=new.donor_id,
        infant_id=new.infant_id,
        purpose=new.purpose.value,
        collection_site=new.site,
        collector=new.collector,
        procedure_version=new.procedure_version,
        collected_at=new.collected_at,
        delivery=new.delivery.value,
        gestational_age_days=new.gestational_age_days,
        clamp_seconds=new.clamp_seconds,
        registered_by=by,
        registered_at=at,
    )


def _record(donation: Donation, new: NewDonation, *, by: Person, at: datetime) -> None:
    record(
        "donation.registered",
        subjects=[donation.code, donation.donor.donor_code],
        by=by,
        at=at,
        occurred_at=new.collected_at,
        new={
            "event": donation.event,
            "purpose": donation.purpose,
            "collected_at": donation.collected_at,
            "collector": new.collector.username,
            "site": new.site.code,
            "delivery": donation.delivery,
            "gestational_age_days": donation.gestational_age_days,
            "clamp_seconds": donation.clamp_seconds,
        },
    )
