import json
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import Meaning, SignatureRefused
from biobank.models.signature import Signature
from biobank.services.guard import drop_guards, install_guards
from inventory.domain.deviation import DeviationClass, DeviationNotClosed, DeviationRefused
from inventory.domain.duty import DutyKind
from inventory.domain.gate import NotReleasable
from inventory.domain.unit import UnitState
from inventory.models.deviation import Deviation, DeviationItem
from inventory.models.duty import Duty
from inventory.models.notice import ConsigneeNotice
from inventory.queries.background import Background
from inventory.queries.deviation import open_deviations
from inventory.services.deviation import Touched, extend_deviation
from inventory.services.request import request_units
from tests.factories.deviation import closed, deviation, disposition
from tests.factories.lot import available_lot, vials_of, vials_wanted
from tests.factories.person import staff
from tests.factories.release import evaluated_release, inside, shipped, sign, units_of
from tests.factories.request import coordinator, submitted_request
from tests.factories.time import NOON
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import available_unit, box
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, partial(available_unit, segment=True), shipped)


def test_opening_a_deviation_changes_no_state():
    unit = available_unit()
    before = head_number()

    opened = deviation(unit)

    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE
    assert kinds_since(before) == ["deviation.opened"]
    entry = last_of("deviation.opened")
    assert entry["new"]["touched"] == [unit.code]
    assert (entry["new"]["class"], opened.closed_at) == ("major", None)
    assert list(open_deviations()) == [opened]


@pytest.mark.parametrize("word", [DeviationClass.MAJOR, DeviationClass.CRITICAL])
def test_gate_three_refuses_a_unit_with_a_major_deviation_open(word):
    unit = available_unit(segment=True)
    opened = deviation(unit, deviation_class=word)

    with pytest.raises(NotReleasable, match=f"major deviation {opened.reference} is open"):
        submitted_request(unit)

    closed(opened, disposition("no_increased_risk", unit.code))
    assert submitted_request(unit).pk


def test_a_minor_deviation_and_one_of_another_unit_stop_nothing():
    unit, other = available_unit(segment=True), available_unit()
    deviation(unit, deviation_class=DeviationClass.MINOR)
    deviation(other)

    assert submitted_request(unit).pk


def test_a_deviation_of_what_a_unit_came_from_stops_it_too():
    unit, other = available_unit(segment=True), available_unit(segment=True)
    parent = unit.made_from.get().parent
    deviation(parent)
    deviation(touched=Touched(donation_ids=(other.donation_id,)))

    for stopped in (unit, other):
        with pytest.raises(NotReleasable, match="deviation"):
            submitted_request(stopped)


def test_a_deviation_opened_after_the_first_signature_refuses_the_second():
    release = evaluated_release()
    [unit] = units_of(release)
    sign(release)
    deviation(unit)

    with pytest.raises(NotReleasable, match="deviation"):
        sign(release, Meaning.RELEASED)


def test_the_facts_of_one_unit_cost_one_query_as_of_three(django_assert_num_queries):
    units = [available_unit() for _ in range(3)]
    for unit in units:
        deviation(unit)
    for some in (units[:1], units):
        behind = Background(some)
        assert behind.ancestries
        with django_assert_num_queries(1):
            assert all(len(behind.deviations[unit.pk]) == 1 for unit in some)


def test_one_deviation_touches_containers_and_people_without_stopping_anything():
    unit, technician = available_unit(segment=True), staff(Role.STORAGE_TECHNICIAN)

    opened = deviation(touched=Touched(container_ids=(box().pk,), person_ids=(technician.pk,)))

    assert last_of("deviation.opened")["new"]["touched"] == [box().code, technician.username]
    assert submitted_request(unit).pk
    assert closed(opened).closed_at


@pytest.mark.parametrize("touched", [Touched(), Touched(unit_ids=(0,)), Touched(lot_ids=(0,), person_ids=(0,))])
def test_a_deviation_that_touched_nothing_is_refused(touched):
    available_unit()

    with pytest.raises(DeviationRefused), nothing_changes():
        deviation(touched=touched)


def test_a_deviation_is_extended_by_what_else_it_touched():
    unit, other = available_unit(), available_unit()
    opened = deviation(unit)

    extend_deviation(
        opened, Touched(unit_ids=(other.pk,)), reason="same sealer", by=staff(Role.LAB_TECHNICIAN), at=NOON
    )

    assert last_of("deviation.extended")["new"]["touched"] == [unit.code, other.code]
    with pytest.raises(DeviationRefused, match="named more than once"), nothing_changes():
        extend_deviation(opened, Touched(unit_ids=(unit.pk,)), reason="again", by=staff(Role.LAB_TECHNICIAN), at=NOON)
    with pytest.raises(DeviationNotClosed, match=f"{other.code} has no disposition"), nothing_changes():
        closed(opened, disposition("no_increased_risk", unit.code))


def test_a_deviation_is_closed_over_its_whole_content():
    unit = available_unit()
    opened = deviation(unit)

    ended = closed(opened, disposition("no_increased_risk", unit.code), capa_reference="CAPA-12")

    content = json.loads(ended.signature.content)
    assert content["what_happened"] == opened.what_happened
    assert content["touched"] == [unit.code]
    assert content["dispositions"][0]["disposition"] == "no_increased_risk"
    assert (content["capa"], content["investigation"]) == ("CAPA-12", "The hinge was worn; replaced.")
    assert last_of("deviation.closed")["new"]["content_sha256"] == ended.signature.content_sha256
    unit.refresh_from_db()
    assert unit.state == UnitState.AVAILABLE
    director = staff(Role.MEDICAL_DIRECTOR)
    with pytest.raises(DeviationNotClosed, match="closed before"), nothing_changes():
        closed(ended, disposition("no_increased_risk", unit.code), by=director)


@pytest.mark.parametrize("word", ["test_first", "discard"])
def test_what_is_not_without_risk_loses_its_acceptance(word):
    unit, fine = available_unit(segment=True), available_unit()
    submitted_request(unit)

    closed(deviation(unit, fine), disposition(word, unit.code), disposition("no_increased_risk", fine.code))

    unit.refresh_from_db()
    fine.refresh_from_db()
    assert (unit.state, fine.state) == (UnitState.QUARANTINED, UnitState.AVAILABLE)


@pytest.mark.parametrize("word", ["test_first", "discard"])
def test_what_was_made_of_it_loses_its_acceptance_too_and_another_bags_child_does_not(word):
    child, fine = available_unit(segment=True), available_unit()
    parent = child.made_from.get().parent

    closed(deviation(parent), disposition(word, parent.code))

    child.refresh_from_db()
    fine.refresh_from_db()
    assert (child.state, fine.state) == (UnitState.QUARANTINED, UnitState.AVAILABLE)


def test_a_deviation_of_a_lot_stops_each_of_its_vials_and_takes_all_of_them_back():
    lot, other = available_lot(), available_lot()
    opened = deviation(touched=Touched(lot_ids=(lot.pk,)))

    with pytest.raises(NotReleasable, match=f"major deviation {opened.reference} is open"):
        request_units(vials_wanted(lot, 2), by=coordinator(), at=NOON)
    closed(opened, disposition("test_first", lot.code))

    assert {vial.state for vial in vials_of(lot)} == {UnitState.QUARANTINED}
    assert {vial.state for vial in vials_of(other)} == {UnitState.AVAILABLE}


@pytest.mark.parametrize(("word", "recalled"), [("discard", 1), ("test_first", 1), ("no_increased_risk", 0)])
def test_what_had_left_is_recalled_unless_there_is_no_increased_risk(word, recalled):
    shipment = shipped()
    [gone] = inside(shipment)
    parent = gone.made_from.get().parent

    ended = closed(deviation(parent), disposition(word, parent.code))

    notices = ConsigneeNotice.objects.filter(kind="recall")
    assert [(each.site, each.items.get().unit) for each in notices] == [(shipment.to_site, gone)] * recalled
    assert all(ended.reference in each.reason for each in notices)
    gone.refresh_from_db()
    assert gone.state == UnitState.SHIPPED


def test_who_opened_a_deviation_or_is_named_in_it_does_not_close_it():
    unit, quality, director = available_unit(), staff(Role.QUALITY_REVIEWER), staff(Role.MEDICAL_DIRECTOR)
    opened = deviation(by=quality, touched=Touched(unit_ids=(unit.pk,), person_ids=(director.pk,)))

    for signer in (quality, director):
        with pytest.raises(DeviationNotClosed, match="does not close it"), nothing_changes():
            closed(opened, disposition("no_increased_risk", unit.code), by=signer)


def test_a_technician_does_not_close_a_deviation():
    unit = available_unit()
    opened = deviation(unit)

    with pytest.raises(SignatureRefused):
        closed(opened, disposition("no_increased_risk", unit.code), by=staff(Role.LAB_TECHNICIAN, "another-technician"))

    opened.refresh_from_db()
    assert opened.closed_at is None


def test_a_report_is_owed_once_where_something_was_distributed():
    shipment, here = shipped(), available_unit()
    gone = inside(shipment)[0]

    deviation(here)
    assert not Duty.objects.exists()
    opened = deviation(gone.made_from.get().parent)
    by_shipment = deviation(touched=Touched(shipment_ids=(shipment.pk,)))
    of_donation = deviation(touched=Touched(donation_ids=(gone.donation_id,)))

    duties = Duty.objects.filter(kind=DutyKind.REPORT_DEVIATION.value).order_by("pk")
    assert [each.subject for each in duties] == [opened.reference, by_shipment.reference, of_donation.reference]
    closed(by_shipment)
    assert duties.count() == 3


def test_a_report_is_owed_where_it_was_distributed_while_the_deviation_was_open():
    unit = available_unit(segment=True)
    opened = deviation(unit, deviation_class=DeviationClass.MINOR)
    shipped(unit)
    assert not Duty.objects.exists()

    closed(opened, disposition("no_increased_risk", unit.code))

    assert Duty.objects.get().subject == opened.reference


def attempts(opened, unit):
    """Return statements that the database refuses of an open deviation, by what would be lost."""
    ended = {"closed_at": NOON, "investigation": "none", "capa_reference": ""}
    by_opener = signature_of(opened.opened_by)
    by_other = signature_of(staff(Role.QUALITY_REVIEWER))
    mine = Deviation.objects.filter(pk=opened.pk)
    return {
        "the story": lambda: mine.update(what_happened="nothing"),
        "the class": lambda: mine.update(deviation_class="minor"),
        "another person": lambda: mine.update(signature=by_opener, **ended),
        "the dispositions": lambda: mine.update(signature=by_other, **ended),
        "what it touched": lambda: DeviationItem.objects.filter(deviation=opened).update(unit=None, lot=None),
    }


def signature_of(person):
    return Signature.objects.create(
        person=person,
        printed_name=person.printed_name,
        meaning="approved",
        signed_at=NOON,
        content="{}",
        content_sha256="0" * 64,
        item_count=1,
        session=None,
    )


@pytest.mark.parametrize("lost", ["the story", "the class", "another person", "the dispositions", "what it touched"])
def test_the_database_itself_keeps_a_deviation(lost):
    unit = available_unit()
    opened = deviation(unit)

    with pytest.raises(DatabaseError), transaction.atomic():
        attempts(opened, unit)[lost]()


@pytest.mark.parametrize("lost", ["the story", "the class"])
def test_canary_without_guards_a_deviation_is_rewritten(lost):
    unit = available_unit()
    opened = deviation(unit)

    drop_guards(connection)
    try:
        assert attempts(opened, unit)[lost]() == 1
    finally:
        install_guards(connection)
