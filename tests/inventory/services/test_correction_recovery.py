"""Facts of a recovery after death are corrected as any other, and how long the liver was cold is judged again."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from biobank.services.guard import drop_guards, install_guards
from consent.queries.donor import infants_of
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.correction import CorrectionRefused
from inventory.domain.kinship import Kin
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.correction import Correction
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.hold import Hold
from inventory.models.recovery import Recovery
from inventory.queries.correction_proof import correction_findings
from inventory.queries.fold import fold_findings
from inventory.queries.recovery import long_cold_ischaemia
from inventory.services.kinship import name_kin
from inventory.services.lot import make_lot
from inventory.services.lot_acceptance import accept_lot
from inventory.services.result import verify_results
from inventory.services.voiding import confirm_voiding, propose_voiding
from tests.factories.correction import AT, confirmed, correction
from tests.factories.donor import given_consent
from tests.factories.hepatocyte import TAKEN_IN_AT, accepted_hepatocytes, recovery_behind
from tests.factories.lot import new_lot, vials_of
from tests.factories.person import credentials, staff
from tests.factories.recovery import AUTHORISED_AT, CLAMPED_AT, DIED_AT, RECOVERED_AT, authorised, registered_liver
from tests.factories.result import current
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BEGINS_WITH = (accepted_hepatocytes,)


def fresh(row):
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(("field", "value"), [("organisation", "Recovery Centre North"), ("preservation_fluid", "HTK")])
def test_what_nothing_rests_on_is_corrected_at_once(field, value):
    recovery = Recovery.objects.get(donation=registered_liver().donation)
    before = head_number()

    made = correction("recovery", recovery.pk, field, value)

    assert (getattr(fresh(recovery), field), made.status, made.subject) == (value, "in_effect", recovery.donation.code)
    assert kinds_since(before) == ["fact.corrected"]
    assert last_of("fact.corrected")["new"]["fact"] == f"recovery.{field}"


def test_a_corrected_cross_clamp_is_confirmed_by_a_second_person_and_opens_every_verdict():
    lot = accepted_hepatocytes()
    (recovery, liver), other = recovery_behind(lot), registered_liver().units[0]
    at = CLAMPED_AT - timedelta(minutes=10)

    made = correction("recovery", recovery.pk, "cross_clamp_at", at)
    assert (made.status, made.rested, fresh(recovery).cross_clamp_at) == ("proposed", ["acceptance"], CLAMPED_AT)
    assert [vial.state for vial in vials_of(lot)] == [UnitState.AVAILABLE] * 2
    confirmed(made)

    assert [vial.state for vial in vials_of(lot)] == [UnitState.QUARANTINED] * 2
    assert not Acceptance.objects.filter(lot=lot, withdrawn_at__isnull=True).exists()
    recovery = fresh(recovery)
    assert (recovery.warm_ischaemia_minutes, recovery.cold_ischaemia_minutes) == (15, 580)
    again = {which: current(liver, f"{which}_ischaemia_minutes") for which in ("warm", "cold")}
    assert {which: (each.number, each.verified_at) for which, each in again.items()} == {
        "warm": (15, None),
        "cold": (580, None),
    }
    assert all(each.replaces is not None and made.reference in each.reason for each in again.values())
    assert current(other, "warm_ischaemia_minutes").number == 25
    assert list(fold_findings()) == list(correction_findings()) == []


def test_a_liver_that_turns_out_to_have_been_cold_for_too_long_alerts_and_fails_its_limit():
    lot = accepted_hepatocytes()
    recovery, liver = recovery_behind(lot)
    assert long_cold_ischaemia(NOON) == []

    confirmed(correction("recovery", recovery.pk, "cross_clamp_at", CLAMPED_AT - hours(0.25)))
    assert long_cold_ischaemia(NOON) == []
    run = lot.processing
    correction("processing", run.pk, "started_at", TAKEN_IN_AT + timedelta(minutes=16))

    (alert,) = long_cold_ischaemia(NOON)
    assert (alert.donation, alert.minutes, alert.goes_on) == (recovery.donation.code, 601, False)
    quality = staff(Role.QUALITY_REVIEWER)
    verify_results([current(liver, "cold_ischaemia_minutes").pk], by=quality, at=AT)
    with pytest.raises(NotAcceptable, match="Cold ischaemia 601 against at most 600"), nothing_changes():
        accept_lot(lot, Use.LABORATORY, credentials=credentials(quality), by=quality, at=AT)


def test_a_run_that_began_at_another_time_ended_the_cold_then():
    lot = accepted_hepatocytes()
    recovery, liver = recovery_behind(lot)
    made = correction("processing", lot.processing_id, "started_at", TAKEN_IN_AT + hours(1))
    assert made.rested == ["acceptance"]

    confirmed(made)

    assert fresh(recovery).cold_ended_at == TAKEN_IN_AT + hours(1)
    assert (recovery.cold_ischaemia_minutes, recovery.warm_ischaemia_minutes) == (630, 25)
    assert current(liver, "cold_ischaemia_minutes").number == 630
    follow = Correction.objects.get(noun="recovery")
    assert (follow.field, follow.status, follow.confirmed_by) == (
        *("cold_ended_at", "in_effect"),
        staff(Role.QUALITY_REVIEWER),
    )
    assert list(correction_findings()) == []


def test_a_cold_time_that_the_papers_ended_stays_whenever_the_run_began():
    ended_at = RECOVERED_AT + hours(1)
    liver = registered_liver(cold_ended_at=ended_at).units[0]
    new = new_lot(
        *(liver,),
        product_class=ProductClass.HEPATOCYTE,
        product_code="S9101V",
        started_at=TAKEN_IN_AT,
        frozen_at=TAKEN_IN_AT + hours(4),
    )
    lot = make_lot(new, by=staff(Role.LAB_TECHNICIAN), at=TAKEN_IN_AT + days(1))

    correction("processing", lot.processing_id, "started_at", TAKEN_IN_AT + hours(1))

    assert recovery_behind(lot)[0].cold_ended_at == ended_at


def test_when_the_cold_ended_is_filled_in_from_the_papers():
    liver = registered_liver().units[0]
    recovery = Recovery.objects.get(donation=liver.donation)

    correction("recovery", recovery.pk, "cold_ended_at", CLAMPED_AT + hours(2))

    assert fresh(recovery).cold_ischaemia_minutes == 120
    assert current(liver, "cold_ischaemia_minutes").number == 120


def test_when_the_cold_ended_is_unknown_again_once_it_was_filled_in_wrongly():
    liver, other = (registered_liver(cold_ended_at=RECOVERED_AT + hours(1)).units[0] for _ in range(2))
    recovery, stays = (Recovery.objects.get(donation=each.donation) for each in (liver, other))
    was = current(liver, "cold_ischaemia_minutes")

    correction("recovery", recovery.pk, "cold_ended_at", "")

    assert (fresh(recovery).cold_ended_at, recovery.cold_ischaemia_minutes) == (None, None)
    now = current(liver, "cold_ischaemia_minutes")
    assert (now.replaces, now.number, now.qualifier) == (was, None, "not_done")
    assert fresh(stays).cold_ischaemia_minutes == current(other, "cold_ischaemia_minutes").number
    assert list(correction_findings()) == []


def test_a_corrected_time_of_death_reopens_the_eligibility():
    recovery, _ = recovery_behind(accepted_hepatocytes())

    made = correction("recovery", recovery.pk, "died_at", DIED_AT - timedelta(minutes=10))
    assert made.rested == ["acceptance", "eligibility"]
    confirmed(made)

    assert EligibilityDetermination.objects.get(donation=recovery.donation).reopened_at == AT
    assert fresh(recovery).warm_ischaemia_minutes == 35


def test_when_a_liver_was_recovered_is_corrected_days_after_the_birth():
    donation = registered_liver().donation

    correction("donation", donation.pk, "collected_at", RECOVERED_AT - timedelta(minutes=5))

    assert fresh(donation).collected_at == RECOVERED_AT - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("noun", "field", "value", "match"),
    [
        ("recovery", "died_at", CLAMPED_AT + MINUTE, "comes before death"),
        ("recovery", "died_at", CLAMPED_AT - hours(25), "Warm ischaemia of 1500"),
        ("recovery", "cross_clamp_at", RECOVERED_AT + MINUTE, "before the cross-clamp"),
        ("recovery", "cross_clamp_at", AUTHORISED_AT - MINUTE, "authorisation was given after"),
        ("recovery", "cold_ended_at", TAKEN_IN_AT + MINUTE, "still be cold after processing"),
        ("recovery", "cold_ended_at", NOON + days(1), "in the future"),
        ("recovery", "cold_ended_at", "", "went into a run"),
        ("recovery", "organisation", "x" * 101, "longer than 100"),
        ("recovery", "cold_ischaemia_minutes", "1", "is not corrected"),
        ("recovery", "authorisation", "CNS-1", "is not corrected"),
        ("processing", "started_at", CLAMPED_AT + hours(49), "Cold ischaemia of 2940"),
        ("donation", "collected_at", CLAMPED_AT - MINUTE, "before the cross-clamp"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_changes(noun, field, value, match):
    lot = accepted_hepatocytes()
    recovery = recovery_behind(lot)[0]
    rows = {"recovery": recovery.pk, "processing": lot.processing_id, "donation": recovery.donation_id}

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction(noun, rows[noun], field, value)


def test_a_recovery_of_the_wrong_donor_rests_on_the_authorisation_of_the_right_one():
    lot = accepted_hepatocytes()
    recovery, right = recovery_behind(lot)[0], authorised(given_consent())
    infant = infants_of([right.donor_id])[right.donor_id][0]
    wrong = recovery.authorisation

    confirmed(correction("donation", recovery.donation_id, "source", f"{right.donor.donor_code}/{infant.order}"))

    assert (fresh(recovery).authorisation, recovery.donation.donor_id) == (right.code, right.donor_id)
    entry = json.loads(LedgerEntry.objects.get(kind="fact.corrected", links__code=right.code).body)
    assert (entry["old"], entry["new"]["authorisation"]) == ({"authorisation": wrong}, right.code)


def test_who_was_kin_of_another_infant_is_in_doubt_once_the_source_is_corrected():
    donation, other = registered_liver().donation, registered_liver().donation
    for each in (donation, other):
        name_kin(each, Kin("LIVER-1", "PATIENT-7", 1, "birth certificate"), by=staff(Role.COORDINATOR), at=NOON)
    right = authorised(given_consent())

    correction("donation", donation.pk, "source", f"{right.donor.donor_code}/1")

    held = Hold.objects.get()
    assert (held.donation, held.kind) == (donation, "mix_up")


@pytest.mark.parametrize("whose", ["a birth only", "another liver"])
def test_a_recovery_does_not_become_a_donors_whose_parents_authorised_none(whose):
    recovery = recovery_behind(accepted_hepatocytes())[0]
    donor = given_consent().donor if whose == "a birth only" else registered_liver().donation.donor
    infant = infants_of([donor.pk])[donor.pk][0]
    match = "No authorisation" if whose == "a birth only" else "liver of this infant is registered"

    with pytest.raises(CorrectionRefused, match=match), nothing_changes():
        correction("donation", recovery.donation_id, "source", f"{donor.donor_code}/{infant.order}")


def test_a_liver_registered_in_error_is_voided_and_alerts_nobody():
    donation, director = registered_liver().donation, staff(Role.MEDICAL_DIRECTOR)
    assert [each.donation for each in long_cold_ischaemia(NOON)] == [donation.code]

    voiding = propose_voiding(donation, reason="registered twice", by=staff(Role.QUALITY_REVIEWER), at=NOON)
    confirm_voiding(voiding, by=director, at=NOON)

    assert {unit.state for unit in donation.units.all()} == {"voided"}
    assert long_cold_ischaemia(NOON) == []
    with pytest.raises(CorrectionRefused, match="was voided"), nothing_changes():
        correction("recovery", donation.recovery.pk, "preservation_fluid", "HTK")


CHANGES = {
    "organisation": {"organisation": "another"},
    "died": {"died_at": DIED_AT - MINUTE},
    "clamped": {"cross_clamp_at": CLAMPED_AT + MINUTE},
    "ended": {"cold_ended_at": TAKEN_IN_AT + MINUTE},
    "warm": {"warm_ischaemia_minutes": 1},
    "cold": {"cold_ischaemia_minutes": 1},
    "fluid": {"preservation_fluid": "HTK"},
    "authorisation": {"authorisation": "CNS-1"},
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_database_itself_changes_a_recovery_only_by_a_correction_and_without_its_guards_it_would(what):
    rows = Recovery.objects.filter(pk=recovery_behind(accepted_hepatocytes())[0].pk)

    with (
        pytest.raises(DatabaseError, match=r"only by a correction|only once|only with the times"),
        transaction.atomic(),
    ):
        rows.update(**CHANGES[what])
    drop_guards(connection)
    try:
        assert rows.update(**CHANGES[what]) == 1
    finally:
        install_guards(connection)


def test_verify_finds_minutes_that_the_times_do_not_give():
    recovery = recovery_behind(accepted_hepatocytes())[0]
    drop_guards(connection)
    Recovery.objects.update(cold_ischaemia_minutes=1)
    install_guards(connection)

    assert [each.text for each in correction_findings()] == [
        f"{recovery.donation.code}: its ischaemia is not what its times give."
    ]
