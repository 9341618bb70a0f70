"""What is owed after an event: opened once about each code, closed by the role whose it is, and never again."""

import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from biobank.domain.text import TextRefused
from inventory.domain.duty import OWED, DutyKind, DutyRefused
from inventory.models.duty import Duty
from inventory.queries.duty import open_duties, overdue_duties
from inventory.services.duty import fulfil_duty, owe
from tests.factories.person import person
from tests.factories.time import NOON, days, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
KIND = DutyKind.INFORM_MOTHERS_PHYSICIAN


def owed(*subjects: str) -> list[Duty]:
    return owe(KIND, subjects, because="anti-HCV is reactive", by=person(Role.LAB_TECHNICIAN), at=NOON)


def test_a_duty_is_open_once_about_each_code_and_due_as_its_kind_says() -> None:
    owed("A999926000001")
    number = head_number()

    again = owed("A999926000001", "A999926000002")

    assert [duty.subject for duty in again] == ["A999926000002"]
    assert again[0].due_at == NOON + OWED[KIND].within
    assert kinds_since(number)[-1:] == ["duty.opened"]
    assert [duty.subject for duty in open_duties()] == ["A999926000001", "A999926000002"]


def test_a_duty_is_overdue_from_its_instant_on() -> None:
    [duty] = owed("A999926000001")

    assert not overdue_duties(duty.due_at - hours(1)).exists()
    assert overdue_duties(duty.due_at).get() == duty


def test_the_role_whose_it_is_closes_it_with_a_note_and_it_can_be_owed_anew() -> None:
    [duty] = owed("A999926000001")
    number = head_number()

    done = fulfil_duty(duty, note="Told Dr Example by letter.", by=person(Role.QUALITY_REVIEWER), at=NOON + days(1))

    assert done.done_note == "Told Dr Example by letter."
    assert "duty.done" in kinds_since(number)
    assert owed("A999926000001")[0].pk != duty.pk


def test_another_role_cannot_close_it() -> None:
    [duty] = owed("A999926000001")
    technician = person(Role.LAB_TECHNICIAN)

    with nothing_changes(), pytest.raises(DutyRefused, match="quality reviewer"):
        fulfil_duty(duty, note="Told.", by=technician, at=NOON + days(1))


def test_it_is_not_closed_without_a_note_or_twice() -> None:
    [duty] = owed("A999926000001")
    quality = person(Role.QUALITY_REVIEWER)
    with pytest.raises(TextRefused):
        fulfil_duty(duty, note=" ", by=quality, at=NOON)
    fulfil_duty(duty, note="Told.", by=quality, at=NOON)

    with nothing_changes(), pytest.raises(DutyRefused, match="already"):
        fulfil_duty(duty, note="Told again.", by=quality, at=NOON + days(1))


def test_the_database_keeps_what_was_owed_and_done() -> None:
    [duty] = owed("A999926000001")
    fulfil_duty(duty, note="Told.", by=person(Role.QUALITY_REVIEWER), at=NOON)

    for change in ({"subject": "A999926000009"}, {"done_note": "Never told."}, {"done_at": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Duty.objects.filter(pk=duty.pk).update(**change)
