"""Voiding what was registered in error: asked for by one person, confirmed by another, and only where nothing is."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.sample import SampleState
from inventory.domain.unit import Event, UnitState
from inventory.domain.voiding import VoidingFacts, VoidingRefused, check_second_person, check_voiding
from inventory.models.disposition import Disposition
from inventory.models.donation import Donation
from inventory.models.unit import Unit
from inventory.models.voiding import Voiding
from inventory.queries.unit import lock_units
from inventory.queries.voiding import lock_voiding, physical_of, samples_voided_with, units_voided_with
from inventory.services.din_label import spoil_with
from inventory.services.sample import end_samples
from inventory.services.unit import Change, change_states


@service
def propose_voiding(thing: Unit | Donation, *, reason: str, by: Person, at: datetime) -> Voiding:
    """Ask that a unit, or a donation with all that was registered of it, be voided.

    Raises ``VoidingRefused`` with everything physical that was recorded of it.
    """
    unit = thing if isinstance(thing, Unit) else None
    donation = thing if isinstance(thing, Donation) else None
    lock_donors([thing.donor_id if isinstance(thing, Donation) else thing.donation.donor_id])
    units = lock_units(units_voided_with(unit, donation))
    waiting = Voiding.objects.filter(unit=unit, donation=donation, status="proposed").first()
    check_voiding(_facts(thing, units, reason, open_one=waiting.reference if waiting else ""))
    voiding = Voiding.objects.create(
        reference=new_code("VOI"), unit=unit, donation=donation, reason=reason, asked_by=by, asked_at=at
    )
    codes = [voiding.reference, thing.code, *(each.code for each in units)]
    record("voiding.proposed", subjects=codes, by=by, at=at, reason=reason)
    return voiding


@service
def confirm_voiding(voiding: Voiding, *, by: Person, at: datetime) -> Voiding:
    """Void what was proposed, as its second person: units and samples are voided, the label counts as spoiled.

    Raises ``VoidingRefused`` for who asked, and for anything physical that was recorded meanwhile.
    """
    voiding, units = _locked(voiding)
    thing = _thing(voiding)
    facts = _facts(thing, units, voiding.reason)
    check_second_person(
        facts, asked_by=voiding.asked_by.username, confirmed_by=by.username, is_open=voiding.status == "proposed"
    )
    _end(voiding, "confirmed", by=by, at=at)
    change = Change("unit.voided", Event.VOIDED, UnitState.VOIDED, voiding.reason, also=(voiding.reference,))
    change_states(units, change, by=by, at=at)
    end_samples(
        samples_voided_with(voiding.unit, voiding.donation), SampleState.VOIDED, reason=voiding.reason, by=by, at=at
    )
    Disposition.objects.bulk_create(
        Disposition(
            unit=unit,
            kind="voided",
            note=voiding.reason,
            occurred_at=at,
            recorded_at=at,
            recorded_by=voiding.asked_by,
            witness=by,
        )
        for unit in units
    )
    if voiding.donation is not None and voiding.donation.din is not None:
        spoil_with(voiding.donation.din, reason=f"{voiding.reference}: {voiding.reason}"[:500], by=by, at=at)
    return voiding


@service
def reject_voiding(voiding: Voiding, *, reason: str, by: Person, at: datetime) -> Voiding:
    """End a proposed voiding without effect. Raises ``VoidingRefused`` for one that waits no more."""
    voiding, _ = _locked(voiding)
    if voiding.status != "proposed" or not reason.strip():
        raise VoidingRefused(f"{voiding.reference} is {voiding.status}, or no reason was given.", field="reason")
    _end(voiding, "rejected", by=by, at=at)
    subjects = [voiding.reference, _thing(voiding).code]
    record("voiding.rejected", subjects=subjects, by=by, at=at, reason=reason)
    return voiding


def _locked(voiding: Voiding) -> tuple[Voiding, list[Unit]]:
    thing = _thing(voiding)
    lock_donors([thing.donor_id if isinstance(thing, Donation) else thing.donation.donor_id])
    fresh = lock_voiding(voiding.pk)
    return fresh, lock_units(units_voided_with(fresh.unit, fresh.donation))


def _thing(voiding: Voiding) -> Unit | Donation:
    thing = voiding.unit or voiding.donation
    if thing is None:
        raise VoidingRefused(f"{voiding.reference} names nothing.")
    return thing


def _facts(thing: Unit | Donation, units: Sequence[Unit], reason: str, *, open_one: str = "") -> VoidingFacts:
    unit = thing if isinstance(thing, Unit) else None
    donation = thing if isinstance(thing, Donation) else None
    samples = samples_voided_with(unit, donation)
    return VoidingFacts(
        subject=thing.code,
        reason=reason,
        states={each.code: UnitState(each.state) for each in units},
        physical=physical_of([each.pk for each in units], samples, donation),
        open_one=open_one,
    )


def _end(voiding: Voiding, status: str, *, by: Person, at: datetime) -> None:
    voiding.status, voiding.ended_by, voiding.ended_at = status, by, at
    voiding.save(update_fields=["status", "ended_by", "ended_at"])
