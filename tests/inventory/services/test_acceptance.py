from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from biobank.domain.role import Role
from biobank.domain.signature import SignerNotAllowed, WrongPassword
from biobank.models.signature import Signature
from inventory.domain.acceptance import NotAcceptable
from inventory.domain.sample import SampleRole, SampleState
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.models.acceptance import Acceptance
from inventory.models.specification import Specification
from inventory.models.unit import Unit
from inventory.queries.unit import lock_units
from inventory.services.acceptance import accept_units, withdraw_acceptance
from inventory.services.placement import take_out
from inventory.services.result import NewResult, Subject, record_results
from inventory.services.sample import end_samples
from tests.factories.donation import registered_donation
from tests.factories.donor import given_consent, withdrawn
from tests.factories.person import credentials, staff
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    available_unit,
    determined_unit,
    frozen_unit,
    measured_unit,
    mothers_results,
    received_unit,
    within_a_service,
)
from tests.factories.untouched import nothing_changes
from tests.kept import keepable

pytestmark = pytest.mark.django_db


def accept(*units, use=Use.HUMAN_APPLICATION, by=None, proof=None, ids=()):
    quality = by or staff(Role.QUALITY_REVIEWER)
    wanted = [unit.pk for unit in units] + list(ids)
    return accept_units(wanted, use, credentials=proof or credentials(quality), by=quality, at=ACCEPTED_AT)


def ready_unit(**consent):
    specifications_in_force()
    return determined_unit(registered_donation(given_consent(**consent)) if consent else None)


@keepable
def ready_pair():
    """Return two units more."""
    return [ready_unit(), ready_unit()]


BEGINS_WITH = (frozen_unit, determined_unit, ready_pair, available_unit)


def test_a_unit_is_accepted_for_a_use_by_signature_under_the_version_in_force():
    unit = ready_unit()
    before = head_number()

    acceptance = accept(unit)[0]

    unit.refresh_from_db()
    assert (unit.state, unit.use) == (UnitState.AVAILABLE, Use.HUMAN_APPLICATION)
    assert str(acceptance.specification) == "cord-blood-human v1"
    assert acceptance.snapshot_sha256 == acceptance.signature.content_sha256
    assert kinds_since(before) == ["signature.made", "unit.accepted"]
    assert last_of("unit.accepted")["new"] == {"state": "available", "use": "human_application"}


def test_one_signature_over_three_units_has_one_hash_over_their_ordered_snapshots():
    units = [ready_unit(), *ready_pair()]

    acceptances = accept(*units[::-1])

    signature = Signature.objects.order_by("-pk")[0]
    assert signature.item_count == 3
    places = [signature.content.index(unit.code) for unit in units]
    assert places == sorted(places)
    assert {each.snapshot_sha256 for each in acceptances} == {signature.content_sha256}
    assert {each.signature for each in acceptances} == {signature}


def test_consent_narrowed_while_the_acceptance_waited_for_the_donor_stops_it():
    unit = ready_unit()
    later = ACCEPTED_AT + hours(0.001)
    given_consent(unit.donation.donor, given_at=ACCEPTED_AT, at=later, treatment=False)

    with pytest.raises(NotAcceptable, match="human application"):
        accept(unit)

    assert not Acceptance.objects.filter(unit=unit).exists()


def take_from_its_place(unit):
    within_a_service(lambda by: take_out(lock_units([unit.pk]), reason="out", by=by, at=NOON))


def leave_a_result_unverified(unit):
    news = [NewResult("viable_cd34", Subject.UNIT, unit=unit, value="3900000")]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=ACCEPTED_AT)


def use_up_a_segment(unit):
    segment = unit.samples.filter(role=SampleRole.SEGMENT).first()
    end_samples([segment.pk], SampleState.CONSUMED, reason="tested", by=staff(Role.LAB_TECHNICIAN), at=ACCEPTED_AT)


def reopen(unit):
    late = next(new for new in mothers_results(unit, {"chagas": "positive"}) if new.assay == "chagas")
    record_results([late], by=staff(Role.LAB_TECHNICIAN), at=ACCEPTED_AT)


def withdraw(unit):
    withdrawn(unit.donation.donor.consents.get(), at=ACCEPTED_AT)


def supersede(unit):
    Specification.objects.filter(product_class=unit.product_class).update(status="superseded")


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (take_from_its_place, "It has no place in store"),
        (leave_a_result_unverified, "awaits verification"),
        (use_up_a_segment, "1 of 2 segment in store"),
        (reopen, "eligibility is not determined, signed and standing"),
        (withdraw, "no full consent in force that allows human application"),
        (supersede, "No specification is in force"),
    ],
)
def test_each_obstacle_refuses_all_and_names_its_unit(spoil, match):
    good, spoilt = ready_pair()
    spoil(spoilt)
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(NotAcceptable, match=f"{spoilt.code}: .*{match}"), nothing_changes():
        accept(good, spoilt)


def test_a_result_out_of_limits_is_no_acceptance():
    specifications_in_force()
    unit = determined_unit(tnc_viability_percent="84.9")

    with pytest.raises(NotAcceptable, match=r"84.9.* against at least 85"), nothing_changes():
        accept(unit)


def test_a_mother_who_allows_no_treatment_of_people_gives_to_the_laboratory_alone():
    unit = ready_unit(treatment=False)

    with pytest.raises(NotAcceptable, match="allows human application"), nothing_changes():
        accept(unit)
    accept(unit, use=Use.LABORATORY)
    assert Unit.objects.get(pk=unit.pk).use == Use.LABORATORY


def test_what_was_once_for_the_laboratory_never_rises_to_human_application():
    unit = ready_unit()
    accept(unit, use=Use.LABORATORY)
    take_acceptance_back(unit)

    with pytest.raises(NotAcceptable, match="use only ever goes down"), nothing_changes():
        accept(unit)


def test_eligibility_that_nobody_determined_refuses_human_application_and_not_the_laboratory():
    specifications_in_force()
    unit = measured_unit()
    staff(Role.QUALITY_REVIEWER)

    with pytest.raises(NotAcceptable, match="eligibility is not determined"), nothing_changes():
        accept(unit)
    assert accept(unit, use=Use.LABORATORY)[0].use == Use.LABORATORY


def test_only_a_quarantined_unit_is_accepted():
    available, ready = available_unit(), ready_unit()

    with pytest.raises(NotAcceptable, match="It is available, not quarantined"), nothing_changes():
        accept(available, ready)


def test_units_that_do_not_exist_and_none_at_all_are_not_accepted():
    ready = ready_unit()

    with pytest.raises(NotAcceptable, match="does not exist"), nothing_changes():
        accept(ready, ids=[0])
    with pytest.raises(NotAcceptable, match="Nothing was accepted"), nothing_changes():
        accept()


@pytest.mark.parametrize(("product_code", "why"), [("S9002R00", "not for human application"), ("", "is not known")])
def test_a_collection_type_that_excludes_people_or_is_not_known_refuses_human_application(product_code, why):
    unit = ready_unit()
    Unit.objects.filter(pk=unit.pk).update(product_code=product_code)

    with pytest.raises(NotAcceptable, match=why), nothing_changes():
        accept(unit)


def test_who_may_not_accept_and_who_mistypes_accepts_nothing_and_leaves_a_trace():
    unit, technician, quality = ready_unit(), staff(Role.LAB_TECHNICIAN), staff(Role.QUALITY_REVIEWER)

    with pytest.raises(SignerNotAllowed), nothing_changes(leaving=("signature.refused",)):
        accept(unit, by=technician)
    with pytest.raises(WrongPassword), nothing_changes(leaving=("signature.refused",)):
        accept(unit, proof=replace(credentials(quality), password="wrong"))


def test_a_piece_of_placenta_is_accepted_for_the_laboratory():
    unit = available_unit(Use.LABORATORY, product=ProductClass.PLACENTA)

    assert (unit.state, unit.use) == (UnitState.AVAILABLE, Use.LABORATORY)


def take_acceptance_back(*units, reason="an excursion"):
    ids = [unit.pk for unit in units]
    within_a_service(lambda by: withdraw_acceptance(lock_units(ids), reason=reason, by=by, at=NOON, also=["DEV-1"]))


def test_an_acceptance_taken_back_leaves_the_unit_quarantined_without_a_use():
    unit, other = available_unit(), available_unit()

    take_acceptance_back(unit, reason="x" * 600)

    unit.refresh_from_db()
    other.refresh_from_db()
    assert (unit.state, unit.use, other.state) == (UnitState.QUARANTINED, "", UnitState.AVAILABLE)
    assert Acceptance.objects.get(unit=unit).withdrawn_because == "x" * 500
    assert Acceptance.objects.get(unit=other).withdrawn_at is None


def test_taking_back_no_acceptance_writes_nothing():
    available_unit()
    staff(Role.QUALITY_REVIEWER)

    with nothing_changes():
        take_acceptance_back()


def test_the_database_itself_refuses_an_available_unit_without_a_use_and_a_second_acceptance():
    unit, waiting = available_unit(), received_unit()

    with pytest.raises(IntegrityError, match="an_available_unit_was_accepted_for_a_use"), transaction.atomic():
        Unit.objects.filter(pk=waiting.pk).update(state="available")
    standing = Acceptance.objects.get(unit=unit)
    standing.pk = None
    with pytest.raises(IntegrityError, match=r"one_standing_acceptance_per_unit|unit_id"), transaction.atomic():
        standing.save(force_insert=True)
    assert Acceptance.objects.filter(unit=unit).count() == 1


def test_one_unit_costs_as_many_queries_as_three(django_assert_num_queries: DjangoAssertNumQueries):
    units, quality = [ready_unit(), *ready_pair(), ready_unit()], staff(Role.QUALITY_REVIEWER)
    assert quality.site

    for each in (units[:1], units[1:]):
        ids = [unit.pk for unit in each]
        with django_assert_num_queries(32):
            accept_units(ids, Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
