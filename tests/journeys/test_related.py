"""Gifts for one recipient: a sibling's, an infant's own, and what twins share."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.domain.role import Role
from inventory.domain.donation import DonationPurpose, DonationRefused
from inventory.domain.gate import NotReleasable
from inventory.domain.hold import HoldKind
from inventory.domain.kinship import Kin, KinshipRefused
from inventory.domain.processing import ProcessingRefused
from inventory.domain.unit import ProductClass, UnitKind, UnitState, Use
from inventory.models.kinship import Kinship
from inventory.models.unit import Unit, UnitSource
from inventory.queries.custody_line import line_of
from inventory.queries.donation import listable_units
from inventory.queries.hold import open_holds_on
from inventory.queries.sample import roles_in_store
from inventory.queries.sample_line import samples_beside
from inventory.queries.unit import units_visible_to
from inventory.services.acceptance import accept_units
from inventory.services.donation import Collected, register_donations
from inventory.services.eligibility import determine_eligibility
from inventory.services.hold import NewHold, place_holds
from inventory.services.kinship import name_kin
from inventory.services.processing import process_units
from inventory.services.release import evaluate_release
from inventory.services.request import request_units
from inventory.services.result import NewResult, Subject, record_results
from tests.factories.donation import REGISTERED_AT, new_donation, next_din
from tests.factories.donor import given_consent, registered_donor
from tests.factories.person import credentials, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import issued_release
from tests.factories.request import approved_request, coordinator, wanted
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON
from tests.factories.trail import last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    FROZEN_AT,
    MEASURED_AT,
    available_unit,
    child_of,
    confirm_segment,
    determined,
    frozen,
    measured,
    mothers_results,
    new_processing,
    put_in_box,
    received_unit,
)
from tests.factories.untouched import nothing_changes
from tests.kept import keepable

pytestmark = pytest.mark.django_db
RELATED, AUTOLOGOUS = DonationPurpose.RELATED, DonationPurpose.AUTOLOGOUS


def kin(degree=1, recipient="PATIENT-7", protocol_code=None):
    return Kin(protocol_code or protocol_in_force().code, recipient, degree, "Extract of the birth register 17/26")


def bag(code):
    return Collected(ProductClass.CORD_BLOOD, UnitKind.COLLECTED_BAG, code, volume_ml=Decimal(95))


def gift(purpose, letter, named, consent=None, **otherwise):
    usual = {"purpose": purpose, "kin": named, "collected": (bag(f"S9001{letter}00"),)}
    return new_donation(consent, **usual | otherwise)


def register(*news):
    return register_donations(list(news), by=staff(Role.COLLECTION_STAFF), at=REGISTERED_AT)


def available(new, letter):
    """Take a gift all the way to the shelf, accepted for people, its segment confirmed."""
    specifications_in_force()
    quality = staff(Role.QUALITY_REVIEWER)
    parent = received_unit(register(new)[0])
    child = replace(child_of(parent), product_code=f"S9002{letter}00")
    run = new_processing(parent, children=(child,))
    unit = process_units([run], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)[0][0]
    count = NewResult("tnc", Subject.UNIT, unit=parent, value="1300000000")
    record_results([count], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)
    determined(measured(put(unit)))
    accept_units([unit.pk], Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
    confirm_segment(unit)
    unit.refresh_from_db()
    return unit


def put(unit):
    put_in_box(unit)
    return unit


@keepable
def siblings_gift():
    """Return what was given for a sibling, on the shelf."""
    return available(gift(RELATED, "2", kin()), "2")


BEGINS_WITH = (siblings_gift,)


def test_a_siblings_gift_goes_to_the_sibling_and_to_nobody_else():
    unit = siblings_gift()

    with pytest.raises(NotReleasable, match="related, and given for another recipient"):
        request_units(wanted(unit, recipient="PATIENT-8"), by=coordinator(), at=NOON)
    release = issued_release(unit)

    unit.refresh_from_db()
    assert (unit.state, release.issued_at) == (UnitState.RELEASED, NOON)
    assert last_of("kinship.stated")["new"]["degree"] == 1


def test_the_same_code_in_another_study_is_another_person():
    unit = siblings_gift()
    other = protocol_in_force(code="OTHER-STUDY")

    with pytest.raises(NotReleasable, match="given for another recipient"):
        request_units(wanted(unit, protocol=other), by=coordinator(), at=NOON)


def test_a_study_in_the_laboratory_has_no_recipient_and_gets_no_gift_for_one():
    unit = siblings_gift()
    laboratory = protocol_in_force(code="LAB-1", human_application=False)

    with pytest.raises(NotReleasable, match="given for another recipient"):
        request_units(wanted(unit, protocol=laboratory), by=coordinator(), at=NOON)


def test_an_infants_own_gift_is_its_own_once_a_study_knows_it():
    unit = available(gift(AUTOLOGOUS, "1", None), "1")
    assert unit.donation.determinations.get().verdict == "not_required"
    with pytest.raises(NotReleasable, match="autologous, and given for another recipient"):
        request_units(wanted(unit), by=coordinator(), at=NOON)

    name_kin(unit.donation, kin(degree=0), by=staff(Role.QUALITY_REVIEWER), at=NOON)

    request = approved_request(unit)
    assert evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON).reference
    with pytest.raises(KinshipRefused, match="infant itself"), nothing_changes():
        name_kin(unit.donation, kin(recipient="SIB-9"), by=staff(Role.QUALITY_REVIEWER), at=NOON)


def test_every_later_step_asks_again_for_whom_it_is(monkeypatch):
    unit = siblings_gift()
    request = approved_request(unit)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM inventory_recipient")
        assert len(cursor.fetchall()) == 1
    monkeypatch.setattr("inventory.queries.gate_facts.degrees_to", lambda _recipient, _donations: {})

    with pytest.raises(NotReleasable, match="given for another recipient"):
        evaluate_release(request, by=staff(Role.QUALITY_REVIEWER), at=NOON)


def test_gifts_for_one_recipient_are_listed_to_nobody():
    mine, theirs = siblings_gift(), available_unit()
    own = available(gift(AUTOLOGOUS, "1", None), "1")

    assert [unit.pk for unit in listable_units()] == [theirs.pk]
    assert {unit.pk for unit in Unit.objects.filter(state="available")} == {mine.pk, theirs.pk, own.pk}
    assert not units_visible_to(coordinator(), NOON).filter(pk__in=[mine.pk, own.pk]).exists()


@pytest.mark.parametrize(
    ("purpose", "letter", "named"),
    [
        (RELATED, "V", kin),
        (RELATED, "R", kin),
        (RELATED, "1", kin),
        (AUTOLOGOUS, "V", lambda: None),
        (AUTOLOGOUS, "2", lambda: None),
        (DonationPurpose.UNRELATED, "2", lambda: None),
        (DonationPurpose.UNRELATED, "1", lambda: None),
        (RELATED, "2", lambda: None),
        (RELATED, "2", lambda: kin(degree=0)),
        (RELATED, "2", lambda: kin(recipient="Anna Muster")),
    ],
)
def test_a_gift_whose_label_or_recipient_says_otherwise_is_refused(purpose, letter, named):
    new = gift(purpose, letter, named())

    with pytest.raises(DonationRefused), nothing_changes():
        register(new)


@pytest.mark.parametrize(("letter", "child"), [("2", "V"), ("2", "R"), ("R", "V")])
def test_no_processing_relabels_a_gift_for_anybody_else_or_raises_research(letter, child):
    purpose = RELATED if letter == "2" else DonationPurpose.UNRELATED
    parent = received_unit(register(gift(purpose, letter, kin() if letter == "2" else None))[0])
    run = new_processing(parent, children=(replace(child_of(parent), product_code=f"S9002{child}00"),))

    with pytest.raises(ProcessingRefused), nothing_changes():
        process_units([run], by=staff(Role.LAB_TECHNICIAN), at=FROZEN_AT)


def test_a_related_donation_names_one_recipient_for_ever():
    donation = register(gift(RELATED, "2", kin()))[0].donation

    with pytest.raises(KinshipRefused, match="names no other"), nothing_changes():
        name_kin(donation, kin(recipient="SIB-2"), by=staff(Role.QUALITY_REVIEWER), at=NOON)
    row = donation.kinships.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Kinship.objects.filter(pk=row.pk).update(degree=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.donation.kinships.create(
            recipient=row.recipient, degree=2, shown_by="x", stated_by=row.stated_by, stated_at=NOON
        )


def twins(consent=None, *, share=True, **second):
    """Return two births of one mother, the first with a placenta that is both's."""
    donor = registered_donor(infants=2)
    consent = consent or given_consent(donor)
    infants = list(donor.infants.order_by("order"))
    other = new_donation(consent, infant_id=infants[1].pk, maternal_tubes=(), **second)
    placenta = Collected(
        ProductClass.PLACENTA,
        UnitKind.PIECE,
        "D0030000",
        mass_g=Decimal(700),
        shared_with=(other.din,) if share else (),
    )
    first = new_donation(consent, infant_id=infants[0].pk)
    return replace(first, collected=(*first.collected, placenta)), other


def test_twins_are_two_donations_that_share_the_mothers_samples_and_their_placenta():
    first, second = register(*twins())

    placenta = Unit.objects.get(product_class="placenta")
    sources = UnitSource.objects.filter(unit=placenta).values_list("donation__code", flat=True)
    assert set(sources) == {first.donation.code, second.donation.code}
    assert first.donation.din != second.donation.din
    assert first.donation.donor == second.donation.donor
    roles = roles_in_store([second.units[0].pk])[second.units[0].pk]
    assert sorted(roles) == ["maternal_plasma", "maternal_serum"]
    assert sorted(roles_in_store([placenta.pk])[placenta.pk]) == ["maternal_plasma", "maternal_serum"]
    assert [each.role for each in samples_beside(line_of(placenta))] == ["maternal_plasma", "maternal_serum"]
    assert [each.role for each in samples_beside(line_of(second.units[0]))] == ["maternal_plasma", "maternal_serum"]
    doubt = NewHold(HoldKind.INVESTIGATION, "mix-up?", donation_id=second.donation.pk)
    place_holds([doubt], by=staff(Role.LAB_TECHNICIAN), at=NOON)
    assert [hold.lies_on for hold in open_holds_on([placenta.pk])[placenta.pk]] == [second.donation.code]


def test_a_reactive_result_of_one_twins_mother_reopens_the_other_twins_verdict():
    first, second = register(*twins())
    quality = staff(Role.QUALITY_REVIEWER)
    second_unit = frozen(received_unit(second))
    measured(second_unit)
    determine_eligibility([second.donation.pk], credentials=credentials(quality), by=quality, at=MEASURED_AT)
    assert second.donation.determinations.get().verdict == "eligible"

    late = [each for each in mothers_results(first.units[0], {"hbs_ag": "positive"}) if each.assay == "hbs_ag"]
    record_results(late, by=staff(Role.LAB_TECHNICIAN), at=NOON)

    determination = second.donation.determinations.get()
    assert determination.reopened_at == NOON


@pytest.mark.parametrize("wrong", ["equal", "stranger", "unknown", "cord_blood"])
def test_what_twins_do_not_share_is_refused(wrong):
    first, second = twins()
    if wrong == "equal":
        second = replace(second, din=first.din)
    elif wrong == "stranger":
        stranger = new_donation()
        placenta = replace(first.collected[1], shared_with=(stranger.din,))
        first, second = replace(first, collected=(first.collected[0], placenta)), stranger
    elif wrong == "unknown":
        first = replace(first, collected=(replace(first.collected[1], shared_with=(next_din(),)),))
    else:
        first = replace(first, collected=(replace(first.collected[0], shared_with=(second.din,)),))

    with pytest.raises(DonationRefused), nothing_changes():
        register(first, second)
