"""A neonatal liver: recovered after death on the parents' authorisation, cold for too long, turned into a lot."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.services.guard import drop_guards
from inventory.domain.assay import Subject
from inventory.domain.donation import DonationRefused
from inventory.domain.lot import LotRefused
from inventory.domain.processing import ProcessingRefused
from inventory.domain.product_code import COLLECTION_TYPES
from inventory.domain.profile import profile_named
from inventory.domain.specification import Stage, evaluate
from inventory.domain.unit import ProductClass, UnitKind, UnitState
from inventory.domain.verdict import Outcome
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.recovery import Recovery
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.eligibility import evidence_of
from inventory.queries.recovery import long_cold_ischaemia
from inventory.queries.result import measurements_of
from inventory.services.eligibility import determine_eligibility
from inventory.services.lot import make_lot
from inventory.services.processing import process_units
from inventory.services.recovery import register_recovery
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.donation import registered_donation
from tests.factories.donor import given_consent
from tests.factories.lot import new_lot, vials_of
from tests.factories.person import credentials, staff
from tests.factories.recovery import (
    CLAMPED_AT,
    LIVER_REGISTERED_AT,
    RECOVERED_AT,
    declined_recovery,
    new_recovery,
    registered_liver,
)
from tests.factories.time import days, hours
from tests.factories.trail import last_of
from tests.factories.unit import child_of, mothers_results, new_processing
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
ISOLATED_AT = CLAMPED_AT + hours(11)


def hepatocytes(liver, **otherwise):
    usual = new_lot(
        liver,
        product_class=ProductClass.HEPATOCYTE,
        product_code="S9101V",
        method="collagenase perfusion",
        started_at=ISOLATED_AT,
        frozen_at=ISOLATED_AT + hours(4),
    )
    return replace(usual, **otherwise)


def made(liver, **otherwise):
    return make_lot(hepatocytes(liver, **otherwise), by=staff(Role.LAB_TECHNICIAN), at=ISOLATED_AT + days(1))


def test_a_liver_is_recovered_alerted_and_turned_into_hepatocytes():
    registered = registered_liver()

    liver = registered.units[0]
    recovery = Recovery.objects.get()
    assert (liver.state, liver.product_class, liver.mass_g) == ("collected", "liver_tissue", Decimal("120.00"))
    assert registered.donation.event == "recovery_after_death"
    assert (recovery.warm_ischaemia_minutes, recovery.cold_ischaemia_minutes) == (25, None)
    assert recovery.authorisation == last_of("donation.registered")["new"]["authorisation"]
    assert {sample.role for sample in registered.samples} == {"maternal_serum", "maternal_plasma"}
    assert long_cold_ischaemia(CLAMPED_AT + hours(10)) == []
    (alert,) = long_cold_ischaemia(CLAMPED_AT + timedelta(minutes=601))
    assert (alert.donation, alert.minutes, alert.goes_on) == (registered.donation.code, 601, True)

    lot = made(liver)

    recovery.refresh_from_db()
    liver.refresh_from_db()
    assert (recovery.cold_ended_at, recovery.cold_ischaemia_minutes) == (ISOLATED_AT, 660)
    assert liver.state == UnitState.CONSUMED
    assert {vial.product_class for vial in vials_of(lot)} == {"hepatocyte"}
    (alert,) = long_cold_ischaemia(ISOLATED_AT + days(30))
    assert (alert.minutes, alert.goes_on) == (660, False)
    minutes = Result.objects.filter(unit=liver).order_by("assay").values_list("assay", "number")
    assert list(minutes) == [("cold_ischaemia_minutes", 660), ("warm_ischaemia_minutes", 25)]


def test_a_cold_time_that_ended_within_ten_hours_alerts_nobody():
    liver = registered_liver().units[0]

    made(liver, started_at=CLAMPED_AT + hours(10))

    assert Recovery.objects.get().cold_ischaemia_minutes == 600
    assert long_cold_ischaemia(ISOLATED_AT + days(30)) == []


def test_a_cold_time_that_the_papers_end_stays_so_whatever_is_made_later():
    ended_at = RECOVERED_AT + hours(2)
    new = new_recovery(cold_ended_at=ended_at, cold_minutes=150)
    liver = register_recovery(new, by=new.collector, at=ended_at).units[0]

    made(liver)

    assert Recovery.objects.get().cold_ischaemia_minutes == 150
    assert Result.objects.filter(assay="cold_ischaemia_minutes").count() == 1


@pytest.mark.parametrize(
    ("cold", "verified", "outcomes"),
    [
        (timedelta(minutes=600), True, {"cold": Outcome.PASS, "warm": Outcome.PASS}),
        (timedelta(minutes=601), True, {"cold": Outcome.FAIL, "warm": Outcome.PASS}),
        (timedelta(minutes=600), False, {"cold": Outcome.UNKNOWN, "warm": Outcome.UNKNOWN}),
    ],
)
def test_hepatocytes_are_judged_by_how_long_their_liver_was_warm_and_cold(cold, verified, outcomes):
    liver, limits = registered_liver().units[0], profile_named("Hepatocyte-like").limits
    vial = vials_of(made(liver, started_at=CLAMPED_AT + cold))[0]
    if verified:
        ids = [each.pk for each in Result.objects.filter(unit=liver)]
        verify_results(ids, by=staff(Role.QUALITY_REVIEWER), at=ISOLATED_AT + days(1))

    findings = evaluate(limits, measurements_of([vial.pk])[vial.pk], Stage.PRE_FREEZE)

    found = {each.limit.assay: each for each in findings if each.limit.assay.endswith("ischaemia_minutes")}
    assert {assay.split("_")[0]: each.outcome for assay, each in found.items()} == outcomes
    assert all(each.evidence for each in found.values())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cross_clamp_at": CLAMPED_AT - hours(1)}, "times"),
        ({"cold_ended_at": RECOVERED_AT + hours(1), "cold_minutes": -90}, "cold_minutes"),
        ({"cold_ended_at": RECOVERED_AT + hours(1), "cold_minutes": 5000}, "cold_minutes"),
        ({"warm_minutes": 40}, "warm_minutes"),
        ({"organisation": ""}, "missing"),
        ({"infant_id": 0}, "other-donor"),
        ({"product_code": "S9100100"}, "collection-type"),
        ({"mass_g": Decimal(-1)}, "amount"),
    ],
)
def test_a_recovery_that_cannot_be_is_refused_and_changes_nothing(changed, code):
    new = new_recovery(**changed)

    with pytest.raises(DonationRefused) as refused, nothing_changes():
        register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)

    assert code in [each.code for each in refused.value.reasons]


@pytest.mark.parametrize("consent", [given_consent, lambda: declined_recovery(given_consent())])
def test_without_the_parents_authorisation_nothing_is_recovered(consent):
    new = new_recovery(consent())

    with pytest.raises(DonationRefused, match="No authorisation"), nothing_changes():
        register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)


def test_an_infant_has_one_liver_however_many_dins_are_left():
    first = registered_liver().donation
    again = replace(new_recovery(), donor_id=first.donor_id, infant_id=first.infant_id)

    with pytest.raises(DonationRefused, match="liver of this infant is registered"), nothing_changes():
        register_recovery(again, by=again.collector, at=LIVER_REGISTERED_AT)


@pytest.mark.parametrize(("product_class", "event"), [("liver_tissue", "birth"), ("cord_blood", "recovery")])
def test_the_database_itself_takes_no_liver_of_a_birth_and_nothing_else_of_a_recovery(product_class, event):
    gift = registered_liver() if event == "recovery" else registered_donation()
    [unit] = gift.units
    its_own = unit.product_class
    unit.pk, unit.code, unit.product_class = None, f"{unit.donation.code}S9001VA0", product_class

    with pytest.raises(DatabaseError), transaction.atomic():
        unit.save(force_insert=True)
    unit.product_class = its_own
    unit.save(force_insert=True)


def test_canary_without_the_guard_a_birth_gives_a_liver():
    [unit] = registered_donation().units
    unit.pk, unit.code, unit.product_class = None, f"{unit.donation.code}D0070000", "liver_tissue"
    drop_guards(connection)

    unit.save(force_insert=True)

    assert Unit.objects.filter(product_class="liver_tissue", donation__event="birth").exists()


def test_a_din_is_used_once_for_births_and_recoveries_alike():
    first = registered_liver()
    new = new_recovery(din=first.donation.code)

    with pytest.raises(DonationRefused, match="registered already"), nothing_changes():
        register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)


def test_hepatocytes_are_made_of_liver_and_of_nothing_else():
    registered = registered_liver()
    liver = registered.units[0]
    staff(Role.LAB_TECHNICIAN)

    with pytest.raises(LotRefused, match="msc cannot be made of liver tissue"), nothing_changes():
        made(liver, product_class=ProductClass.MSC)
    child = replace(child_of(liver), kind=UnitKind.VIAL, product_class=ProductClass.CORD_BLOOD)
    run = new_processing(liver, children=(child,), started_at=ISOLATED_AT, frozen_at=None)
    with pytest.raises(ProcessingRefused, match="cord blood cannot be made of liver tissue"), nothing_changes():
        process_units([run], by=staff(Role.LAB_TECHNICIAN), at=ISOLATED_AT + days(1))


def test_a_liver_that_was_cold_for_days_was_never_taken_into_processing():
    liver = registered_liver().units[0]
    too_late, lab = CLAMPED_AT + timedelta(minutes=2881), staff(Role.LAB_TECHNICIAN)
    new = hepatocytes(liver, started_at=too_late, frozen_at=too_late + hours(1))

    with pytest.raises(ProcessingRefused, match="2881 minutes"), nothing_changes():
        make_lot(new, by=lab, at=too_late + days(1))


def test_the_mother_is_tested_and_the_infants_own_record_is_asked_after_death():
    registered = registered_liver()
    donation, lab, quality = registered.donation, staff(Role.LAB_TECHNICIAN), staff(Role.QUALITY_REVIEWER)
    at = LIVER_REGISTERED_AT + days(1)
    news = [
        replace(new, specimen_at=RECOVERED_AT)
        for new in mothers_results(registered.units[0], {})
        if new.assay != "infant_record"
    ]
    record_and_verify(news, at)

    (first,) = determine_eligibility([donation.pk], credentials=credentials(quality), by=quality, at=at)
    assert first.verdict == "incomplete"
    assert any("own record" in reason for reason in first.reasons)

    own = NewResult(assay="infant_record", subject=Subject.INFANT, donation=donation, value="no_risk")
    record_and_verify([own], at)
    (second,) = determine_eligibility([donation.pk], credentials=credentials(quality), by=quality, at=at)
    assert second.verdict == "eligible"
    assert EligibilityDetermination.objects.filter(donation=donation, reopened_at__isnull=True).count() == 1
    assert evidence_of([donation])[donation.pk].after_death
    assert lab != quality


def record_and_verify(news, at):
    results = record_results(news, by=staff(Role.LAB_TECHNICIAN), at=at)
    ids = [result.pk for result in results]
    verify_results(ids, by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=at)


def test_collection_types_of_a_recovery_are_those_of_its_purpose():
    refused = []
    for each in COLLECTION_TYPES:
        new = new_recovery(product_code=f"S9100{each}00")
        try:
            register_recovery(new, by=new.collector, at=LIVER_REGISTERED_AT)
        except DonationRefused:
            refused.append(each)

    assert set(refused) == set("A1X8Dd2LE3456FBHJ")
