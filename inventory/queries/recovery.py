"""Recoveries after death: the parents' authorisation, and livers that were cold for too long."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from consent.domain.permitted_use import Standing
from consent.domain.standing import Source
from consent.queries.consent import given_at_of, latest_consents
from inventory.domain.recovery import LONG_COLD_MINUTES, RecoveryFacts, minutes_between
from inventory.domain.unit import FINAL, UnitState
from inventory.models.donation import Donation
from inventory.models.recovery import Recovery
from inventory.models.unit import Unit


@dataclass(frozen=True)
class Authorisation:
    """The consent by which parents authorised a recovery after death, and when they gave it."""

    code: str
    given_at: datetime


@dataclass(frozen=True)
class LongCold:
    """A liver that is or was cold for more than 10 hours: whose, how long in minutes, and whether it still is."""

    donation: str
    minutes: int
    goes_on: bool


def authorisation_of(donor_id: int, infant_id: int, at: datetime) -> Authorisation | None:
    """Return the parents' authorisation in force for a recovery from this infant, given on the form for it."""
    source = Source(donor_id, infant_id, after_death=True)
    latest = latest_consents([source], at)[source]
    if latest.standing is not Standing.ACTIVE or latest.consent is None:
        return None
    return Authorisation(latest.consent.code, latest.consent.given_at)


def liver_of(infant_id: int) -> str:
    """Return the code of the liver registered of this infant; "" where none is, or it was voided."""
    recovered = Unit.objects.filter(donation__recovery__isnull=False, donation__infant_id=infant_id)
    livers = recovered.filter(made_from__isnull=True).exclude(state=UnitState.VOIDED)
    return livers.order_by("pk").values_list("code", flat=True).first() or ""


def facts_of_recoveries(donations: Iterable[Donation]) -> dict[int, RecoveryFacts]:
    """Return, by donation id, what is known of each donation that was a recovery; its infant comes with it."""
    known = {donation.pk: donation for donation in donations}
    recoveries = recoveries_behind(known)
    given = given_at_of(recovery.authorisation for recovery in recoveries.values()) if recoveries else {}
    return {
        donation_id: _facts(recovery, known[donation_id], given.get(recovery.authorisation))
        for donation_id, recovery in recoveries.items()
    }


def _facts(recovery: Recovery, donation: Donation, authorised_at: datetime | None) -> RecoveryFacts:
    return RecoveryFacts(
        organisation=recovery.organisation,
        died_at=recovery.died_at,
        cross_clamp_at=recovery.cross_clamp_at,
        recovered_at=donation.collected_at or recovery.cross_clamp_at,
        authorised_at=authorised_at,
        born_at=donation.infant.born_at if donation.infant else None,
        cold_ended_at=recovery.cold_ended_at,
        preservation_fluid=recovery.preservation_fluid,
    )


def recoveries_behind(donation_ids: Collection[int]) -> dict[int, Recovery]:
    """Return, by donation id, the recovery of each donation that was one."""
    rows = Recovery.objects.filter(donation_id__in=donation_ids).select_related("donation")
    return {row.donation_id: row for row in rows}


def long_cold_ischaemia(at: datetime) -> list[LongCold]:
    """Return the livers that were cold for more than 10 hours, and those that are cold now for as long.

    Data for an alert and for whoever judges the lot: it refuses nothing. What was discarded or lost waits no more, and
    what was voided never was.
    """
    too_long = timedelta(minutes=LONG_COLD_MINUTES + 1)
    livers = Unit.objects.filter(donation=OuterRef("donation"), made_from__isnull=True)
    still = Q(Exists(livers.exclude(state__in=FINAL)), cold_ended_at__isnull=True, cross_clamp_at__lte=at - too_long)
    was = Q(Exists(livers.exclude(state=UnitState.VOIDED)), cold_ischaemia_minutes__gt=LONG_COLD_MINUTES)
    rows = Recovery.objects.filter(still | was).select_related("donation")
    return [
        LongCold(
            row.donation.code,
            minutes_between(row.cross_clamp_at, at)
            if row.cold_ischaemia_minutes is None
            else row.cold_ischaemia_minutes,
            goes_on=row.cold_ended_at is None,
        )
        for row in rows.order_by("cross_clamp_at", "pk")
    ]
