"""Notices to sites: opened about what left, acknowledged, answered unit by unit, and closed by quality."""

from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from biobank.domain.role import Role
from inventory.domain.hold import HoldKind
from inventory.domain.notice import ItemAnswer, ItemDisposition, NoticeKind, NoticeRefused
from inventory.models.hold import Hold
from inventory.models.notice import ConsigneeNotice, NoticeAnswer
from inventory.queries.notice import answers_to, open_notices
from inventory.services.look_back import recall_units
from inventory.services.notice import acknowledge_notice, answer_items, close_notice
from tests.factories.person import credentials, staff
from tests.factories.release import inside, shipped
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since
from tests.factories.unit import available_unit
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (shipped, available_unit)
LATER = NOON + hours(4)


def recalled() -> ConsigneeNotice:
    """Return the notice to the clinic about the one unit that was handed over to it."""
    shipment = shipped()
    for role in (Role.QUALITY_REVIEWER, Role.LAB_TECHNICIAN):
        staff(role)
    ids = [unit.pk for unit in inside(shipment)]
    [notice] = recall_units(ids, reason="Bag set of a recalled lot.", by=staff(Role.QUALITY_REVIEWER), at=LATER)
    return notice


def code_in(notice: ConsigneeNotice) -> str:
    return notice.items.get().unit.code


def kept_apart(*, occurred_at: datetime = LATER) -> ItemAnswer:
    return ItemAnswer(disposition=ItemDisposition.KEPT_APART, occurred_at=occurred_at)


def acknowledged(notice: ConsigneeNotice) -> ConsigneeNotice:
    return acknowledge_notice(
        notice, acknowledged_by="Dr Site", occurred_at=LATER, by=coordinator(), at=LATER + hours(1)
    )


def close(notice: ConsigneeNotice, role: Role = Role.QUALITY_REVIEWER) -> ConsigneeNotice:
    quality = staff(role)
    return close_notice(notice, credentials=credentials(quality), by=quality, at=LATER + hours(2))


def test_a_recall_holds_what_is_here_and_under_way_and_tells_the_site_of_what_left() -> None:
    shipment, here = shipped(), available_unit()
    [gone] = inside(shipment)

    notices = recall_units([gone.pk, here.pk], reason="Cracked vials.", by=staff(Role.QUALITY_REVIEWER), at=LATER)

    assert [(notice.kind, notice.site, code_in(notice)) for notice in notices] == [
        ("recall", shipment.to_site, gone.code)
    ]
    held = Hold.objects.filter(kind=HoldKind.NOTICE.value, lifted_at__isnull=True)
    assert set(held.values_list("unit_id", flat=True)) == {gone.pk, here.pk}


def test_a_recall_told_twice_for_the_same_reason_opens_no_second_notice() -> None:
    notice = recalled()
    unit = notice.items.get().unit

    again = recall_units([unit.pk], reason=notice.reason, by=staff(Role.QUALITY_REVIEWER), at=LATER + hours(1))

    assert again == []
    assert open_notices().get() == notice


def test_a_notice_is_closed_once_it_is_read_answered_and_signed() -> None:
    notice = recalled()
    number = head_number()

    acknowledged(notice)
    answer_items(notice, {code_in(notice): kept_apart()}, by=coordinator(), at=LATER + hours(1))
    closed = close(notice)

    assert closed.closing is not None
    assert [kind for kind in kinds_since(number) if kind.startswith("notice.")] == [
        "notice.acknowledged",
        "notice.answered",
        "notice.closed",
    ]
    assert not open_notices().exists()


def test_it_is_not_closed_while_the_site_has_not_read_it_or_a_unit_is_unanswered() -> None:
    notice = recalled()

    with nothing_changes(), pytest.raises(NoticeRefused, match="acknowledged"):
        close(notice)
    acknowledged(notice)
    with nothing_changes(), pytest.raises(NoticeRefused, match="what became of it"):
        close(notice)


def test_a_site_answers_for_units_of_the_notice_once_and_not_in_the_future() -> None:
    notice = recalled()
    other, code = available_unit(), code_in(notice)

    for answers, said in (
        ({}, "at least one"),
        ({other.code: kept_apart()}, "not in this notice"),
        ({code: kept_apart(occurred_at=LATER + hours(9))}, "future"),
    ):
        with nothing_changes(), pytest.raises(NoticeRefused, match=said):
            answer_items(notice, answers, by=coordinator(), at=LATER + hours(1))
    answer_items(notice, {code: kept_apart()}, by=coordinator(), at=LATER + hours(1))
    with nothing_changes(), pytest.raises(NoticeRefused, match="answered already"):
        answer_items(notice, {code: kept_apart()}, by=coordinator(), at=LATER + hours(1))


@pytest.mark.parametrize(("name", "after"), [("", 0), (" ", 0), ("Dr Site", -1), ("Dr Site", 9)])
def test_who_has_read_it_is_named_and_read_it_after_it_was_opened(name: str, after: int) -> None:
    notice, site = recalled(), coordinator()

    with nothing_changes(), pytest.raises(NoticeRefused):
        acknowledge_notice(notice, acknowledged_by=name, occurred_at=LATER + hours(after), by=site, at=LATER + hours(1))


def test_a_notice_is_acknowledged_and_closed_once() -> None:
    notice = recalled()
    acknowledged(notice)
    with nothing_changes(), pytest.raises(NoticeRefused, match="already"):
        acknowledged(notice)
    answer_items(notice, {code_in(notice): kept_apart()}, by=coordinator(), at=LATER + hours(1))
    close(notice)

    with nothing_changes(), pytest.raises(NoticeRefused, match="closed already"):
        close(notice)


def test_units_that_do_not_exist_are_not_recalled() -> None:
    unit = available_unit()

    with nothing_changes(), pytest.raises(NoticeRefused, match="does not exist"):
        recall_units([unit.pk, 10**9], reason="Cracked.", by=staff(Role.QUALITY_REVIEWER), at=LATER)


def test_the_database_keeps_notices_and_answers_as_written() -> None:
    notice = recalled()
    acknowledged(notice)
    [answer] = answer_items(notice, {code_in(notice): kept_apart()}, by=coordinator(), at=LATER + hours(1))
    assert answers_to(notice.pk)[code_in(notice)] == answer

    for change in (
        lambda: ConsigneeNotice.objects.filter(pk=notice.pk).update(kind=NoticeKind.LOOK_BACK),
        lambda: ConsigneeNotice.objects.filter(pk=notice.pk).update(acknowledged_at=NOON),
        lambda: ConsigneeNotice.objects.filter(pk=notice.pk).update(closed_at=NOON),
        lambda: NoticeAnswer.objects.filter(pk=answer.pk).update(disposition="discarded"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
