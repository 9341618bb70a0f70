from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from biobank.services.guard import drop_guards, install_guards
from inventory.domain.unit import FINAL, TRANSITIONS, UnitState
from inventory.models.protocol import Protocol, ProtocolCriterion
from inventory.models.release import ReleaseUnit
from inventory.models.request import RequestLine
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.services.guard_unit import allowed_changes, first_states
from tests.factories.donation import registered_donation
from tests.factories.release import inside, received
from tests.factories.request import submitted_request
from tests.factories.time import NOON
from tests.factories.unit import available_unit, frozen_unit

pytestmark = pytest.mark.django_db
BEGINS_WITH = (available_unit, frozen_unit, received)


def is_refused(change):
    try:
        with transaction.atomic():
            change()
    except DatabaseError as error:
        return "along the table" in str(error)
    return False


def test_the_database_allows_the_changes_of_the_table_and_no_other():
    accepted, collected = available_unit(), registered_donation().units[0]
    wrong = []
    for old, new in product(UnitState, UnitState):
        unit = collected if old is UnitState.COLLECTED else accepted
        # What is voided must never have been there besides: asked in test_voiding.
        if old is new or UnitState.VOIDED in (old, new):
            continue
        refused = try_change(unit, old, new)
        if refused is ((old, new) in allowed_changes()):
            wrong.append((old, new, refused))

    assert wrong == []


def try_change(unit, old, new):
    """Write one state after another past every service; return whether the database refused the second."""
    path = {
        UnitState.RECEIVED: [UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED],
        UnitState.RETURNED: [UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED],
        UnitState.SHIPPED: [UnitState.RESERVED, UnitState.RELEASED],
        UnitState.RELEASED: [UnitState.RESERVED],
        UnitState.USED: [UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED, UnitState.RECEIVED],
    }
    answer = []
    try:
        with transaction.atomic():
            for state in [*path.get(old, []), old]:
                write(unit, state)
            answer.append(is_refused(lambda: write(unit, new)))
            raise _UndoneError
    except _UndoneError:
        return answer[0]


class _UndoneError(Exception):
    pass


def write(unit, state):
    kept = "available" if state in {UnitState.RESERVED, UnitState.RELEASED} else ""
    if Unit.objects.filter(pk=unit.pk, state=state).exists():
        return
    Unit.objects.filter(pk=unit.pk).update(state=state.value, reserved_from=kept)


def test_a_final_state_leads_nowhere():
    assert not {old for old, _ in allowed_changes()} & FINAL
    assert first_states() == {UnitState.COLLECTED, UnitState.QUARANTINED}
    assert len(TRANSITIONS) == len({id(row) for row in TRANSITIONS})


def test_an_ended_reservation_and_a_verified_result_stay_as_they_are():
    request = submitted_request(available_unit())
    reservation = request.reservations.get()
    request.reservations.update(ended_at=NOON, ended_because="test")
    result = Result.objects.filter(verified_at__isnull=False).first()

    for change in (
        lambda: request.reservations.update(ended_at=None),
        lambda: Result.objects.filter(pk=result.pk).update(text="edited"),
        lambda: Unit.objects.filter(pk=reservation.unit_id).update(code="OTHER"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    result.refresh_from_db()
    assert result.text != "edited"


KEPT = {
    "requests": {"requested_by": 0, "weight_kg": 70, "delivery_address": "elsewhere"},
    "lines": {"unit": 0},
    "determinations": {"verdict": "ineligible", "evidence_sha256": "0" * 64},
    "acceptances": {"use": "laboratory"},
    "specifications": {"use": "laboratory"},
    "placements": {"position": 0, "placed_at": NOON},
    "donations": {"donor": 0},
    "samples": {"code": "another"},
    "recipients": {"code": "another"},
    "units": {"product_class": "msc", "kind": "vial"},
    "protocols": {"human_application": False, "duo": [], "recipients_cap": 99, "reservation_hours": 9999},
}


def test_what_was_decided_or_done_is_never_rewritten_past_the_services():
    request = submitted_request()
    unit = request.lines.get().unit
    rows = {
        "requests": type(request).objects.all(),
        "lines": request.lines.all(),
        "determinations": unit.donation.determinations.all(),
        "acceptances": unit.acceptances.all(),
        "specifications": type(unit.acceptances.get().specification).objects.all(),
        "placements": unit.placements.all(),
        "donations": type(unit.donation).objects.all(),
        "samples": unit.donation.samples.all(),
        "recipients": type(request.recipient).objects.all(),
        "units": Unit.objects.filter(pk=unit.pk),
        "protocols": Protocol.objects.filter(pk=request.protocol_id),
    }

    for noun, columns in KEPT.items():
        for column, value in columns.items():
            with pytest.raises(DatabaseError, match=r"stays|never change|correct(ed|ion)"), transaction.atomic():
                rows[noun].update(**{column: value})


@pytest.mark.parametrize("noun", ["determinations", "acceptances", "placements"])
def test_what_ended_never_goes_on_again(noun):
    unit = available_unit()
    rows, (ended, because) = {
        "determinations": (unit.donation.determinations, ("reopened_at", {"reopened_because": "test"})),
        "acceptances": (unit.acceptances, ("withdrawn_at", {"withdrawn_because": "test"})),
        "placements": (unit.placements, ("removed_at", {})),
    }[noun]
    rows.update(**{ended: NOON}, **because)

    with pytest.raises(DatabaseError, match="once ended stays so"), transaction.atomic():
        rows.update(**{ended: None})


def test_a_request_that_ended_and_a_sample_that_is_gone_stay_so():
    request = submitted_request()
    sample = request.lines.get().unit.samples.filter(attached=False).first()
    type(request).objects.filter(pk=request.pk).update(status="cancelled")
    type(sample).objects.filter(pk=sample.pk).update(state="discarded")

    for rows, change in (
        (type(request).objects.filter(pk=request.pk), {"status": "submitted"}),
        (type(sample).objects.filter(pk=sample.pk), {"state": "stored"}),
    ):
        with pytest.raises(DatabaseError, match=r"never goes on|stays so"), transaction.atomic():
            rows.update(**change)


def test_nothing_is_added_to_what_was_signed_or_decided():
    shipment = received()
    release, unit = shipment.release, available_unit()
    acceptance = inside(shipment)[0].acceptances.get()
    site, limit = release.request.protocol.sites.first(), acceptance.specification.limits.first()
    criterion = ProtocolCriterion(protocol=release.request.protocol, scope="unit", attribute="tnc", operator="at_least")
    site.pk, limit.pk, site.agreement, limit.assay = None, None, "another", "another"

    for row in (
        RequestLine(request=release.request, unit=unit),
        ReleaseUnit(release=release, unit=unit),
        criterion,
        site,
        limit,
    ):
        with pytest.raises(DatabaseError, match="Nothing is added"), transaction.atomic():
            row.save(force_insert=True)


def test_what_is_in_force_never_becomes_a_draft_again():
    request = submitted_request()
    specification = request.lines.get().unit.acceptances.get().specification

    for row, change in (
        (request.protocol, {"status": "draft"}),
        (request.protocol, {"in_force_at": NOON}),
        (specification, {"status": "draft"}),
    ):
        with pytest.raises(DatabaseError, match=r"never goes back|as it was written"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize("column", ["handed_over_at", "received_at", "warmest_celsius", "to_site", "logger_code"])
def test_a_journey_stays_as_it_was_recorded(column):
    shipment = received()
    value = {"to_site": shipment.from_site, "logger_code": "other"}.get(column)

    with pytest.raises(DatabaseError, match=r"as it was written|stays what|only by a correction"), transaction.atomic():
        type(shipment).objects.filter(pk=shipment.pk).update(**{column: value})


def test_a_unit_for_the_laboratory_never_becomes_one_for_human_application():
    unit = available_unit()
    Unit.objects.filter(pk=unit.pk).update(use="laboratory")

    with pytest.raises(DatabaseError, match="accepted for the laboratory"), transaction.atomic():
        Unit.objects.filter(pk=unit.pk).update(use="human_application")


def test_without_its_guard_each_of_these_would_go_through():
    """The twin that shows what refuses: the guard, and nothing else on the way."""
    shipment = received()
    request, unit = shipment.release.request, inside(shipment)[0]
    drop_guards(connection)
    try:
        for rows, change in (
            (type(request).objects.filter(pk=request.pk), {"weight_kg": 70, "status": "submitted"}),
            (unit.acceptances, {"use": "laboratory"}),
            (unit.donation.determinations, {"verdict": "ineligible"}),
            (Protocol.objects.filter(pk=request.protocol_id), {"recipients_cap": 99}),
            (type(shipment).objects.filter(pk=shipment.pk), {"received_at": None}),
            (Unit.objects.filter(pk=unit.pk), {"product_class": "msc"}),
        ):
            assert rows.update(**change) == 1
        RequestLine.objects.create(request=request, unit=available_unit())
    finally:
        install_guards(connection)


def thawed_units():
    """Return statements that would bring back to stock what was thawed, by where it comes from."""
    returned, kept = available_unit(), frozen_unit()
    drop_guards(connection)
    Unit.objects.filter(pk=returned.pk).update(state="returned", use="", thawed=True)
    Unit.objects.filter(pk=kept.pk).update(thawed=True)
    install_guards(connection)
    mine, other = Unit.objects.filter(pk=kept.pk), Unit.objects.filter(pk=returned.pk)
    return {
        "accepted": lambda: mine.update(state="available", use="laboratory"),
        "asked for by exception": lambda: mine.update(state="reserved", reserved_from="quarantined"),
        "returned": lambda: other.update(state="quarantined"),
    }


BACK = ("accepted", "asked for by exception", "returned")


@pytest.mark.parametrize("way", BACK)
def test_what_was_thawed_never_goes_back_to_stock(way):
    statement = thawed_units()[way]

    with pytest.raises(DatabaseError, match="never goes back to stock"), transaction.atomic():
        statement()


@pytest.mark.parametrize("way", BACK)
def test_canary_without_its_guard_what_was_thawed_goes_back(way):
    statement = thawed_units()[way]

    drop_guards(connection)
    try:
        assert statement() == 1
    finally:
        install_guards(connection)


def test_what_was_thawed_stays_thawed():
    unit = available_unit()
    Unit.objects.filter(pk=unit.pk).update(thawed=True)

    with pytest.raises(DatabaseError, match="thawed stays so"), transaction.atomic():
        Unit.objects.filter(pk=unit.pk).update(thawed=False)
