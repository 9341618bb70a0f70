"""An excursion that is learnt of after a unit had left: its site is told at once, and again once it is assessed."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pypdf import PdfReader

from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry
from inventory.domain.hold import HoldKind
from inventory.domain.notice import ItemAnswer, ItemDisposition, NoticeKind, NoticeRefused
from inventory.domain.unit import Use
from inventory.models.hold import Hold
from inventory.models.notice import ConsigneeNotice
from inventory.models.unit import Unit
from inventory.queries.fold import fold_findings
from inventory.queries.placement import free_positions
from inventory.services.acceptance import accept_units
from inventory.services.delivery import AsReceived, Delivery, receive_at_site
from inventory.services.disposition import use_unit
from inventory.services.letter import write_letter
from inventory.services.notice import acknowledge_notice, answer_items, close_notice
from inventory.services.placement import PutAway, put_away
from inventory.services.report_file import kept_content
from tests.factories.excursion import NIGHT, assessed, excursion, group, held, warming
from tests.factories.person import credentials, staff
from tests.factories.release import COLD, inside, shipped
from tests.factories.request import coordinator
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of
from tests.factories.unit import (
    ACCEPTED_AT,
    FROZEN_AT,
    available_unit,
    box,
    confirm_segment,
    determined,
    frozen,
    measured,
    received_unit,
    working_bank,
)
from tests.factories.untouched import nothing_changes

pytestmark = pytest.mark.django_db
BEGINS_WITH = (working_bank, shipped)
# The unit leaves at two o'clock; the warm night before is learnt of in the evening.
EVENING = NOON + hours(6)


@pytest.fixture(autouse=True)
def _own_reports(settings: Any, tmp_path: Path) -> None:
    settings.BIOBANK_REPORTS_DIR = tmp_path / "reports"


def learnt(**otherwise: Any):
    return excursion(at=EVENING, **otherwise)


def the(kind: NoticeKind) -> ConsigneeNotice:
    return ConsigneeNotice.objects.get(kind=kind.value)


def answered(notice: ConsigneeNotice, at=EVENING) -> ConsigneeNotice:
    by = coordinator()
    acknowledge_notice(notice, acknowledged_by="Dr Site", occurred_at=at, by=by, at=at)
    answer = ItemAnswer(disposition=ItemDisposition.KEPT_APART, occurred_at=at)
    answer_items(notice, {item.unit.code: answer for item in notice.items.all()}, by=by, at=at)
    return notice


def close(notice: ConsigneeNotice) -> ConsigneeNotice:
    quality = staff(Role.QUALITY_REVIEWER)
    return close_notice(notice, credentials=credentials(quality), by=quality, at=EVENING + hours(2))


def letter_of(notice: ConsigneeNotice, at=EVENING) -> str:
    kept = write_letter(notice, by=staff(Role.QUALITY_REVIEWER), at=at)
    content = kept_content(kept.file_name)
    assert content is not None
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_the_site_of_a_unit_that_was_inside_and_left_since_is_told_when_the_excursion_is_recorded():
    shipment, here = shipped(), available_unit()
    [gone] = inside(shipment)
    before = head_number()

    opened = learnt()

    notice = the(NoticeKind.EXCURSION)
    assert (notice.site, notice.excursion, [item.unit for item in notice.items.all()]) == (
        *(shipment.to_site, opened),
        [gone],
    )
    assert held(gone, here) == [["excursion"], ["excursion"]]
    assert kinds_since(before) == ["hold.placed", "hold.placed", "excursion.opened", "notice.opened"]
    assert last_of("notice.opened")["new"]["units"] == {gone.code: "shipped"}
    assert LedgerEntry.objects.filter(kind="notice.opened", links__code=opened.reference).exists()


def test_the_site_of_a_child_is_told_though_only_its_parent_was_inside():
    parent = received_unit()
    put = [PutAway(free_positions([box("T01-R01-02")], 1)[0].pk, unit_id=parent.pk)]
    put_away(put, reason="waits", by=staff(Role.STORAGE_TECHNICIAN), at=FROZEN_AT - hours(4))
    child = accepted(determined(measured(frozen(parent))))
    confirm_segment(child)
    shipment = shipped(child)

    opened = learnt(
        container=box("T01-R01-02"), happened=warming(since=FROZEN_AT - hours(4), until=FROZEN_AT - hours(3))
    )

    notice = the(NoticeKind.EXCURSION)
    assert (notice.site, [item.unit for item in notice.items.all()]) == (shipment.to_site, [child])
    assert held(child) == [["excursion"]]
    assessed(opened, group("discard", child.code), at=EVENING + hours(1))
    assert [item.unit for item in the(NoticeKind.RECALL).items.all()] == [child]


def accepted(unit: Unit) -> Unit:
    quality = staff(Role.QUALITY_REVIEWER)
    accept_units([unit.pk], Use.HUMAN_APPLICATION, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
    return unit


def test_a_site_that_has_used_the_unit_is_told_too():
    shipment = shipped()
    [unit] = inside(shipment)
    by = coordinator()
    receive_at_site(
        shipment,
        Delivery(items={unit.pk: AsReceived(accepted=True)}, warmest_celsius=COLD),
        by=by,
        at=NOON + hours(24),
    )
    unit.refresh_from_db()
    use_unit(unit, left_over="nothing", occurred_at=NOON + hours(25), by=by, at=NOON + hours(26))

    excursion(at=NOON + hours(30))

    item = the(NoticeKind.EXCURSION).items.get()
    assert (item.unit, item.state) == (unit, "used")
    assert held(unit) == [[]]


@pytest.mark.parametrize(
    ("happened", "why"),
    [
        (warming(minutes=30), "its container allows as much"),
        (warming(since=NOON + hours(3), until=NOON + hours(4)), "it had left before"),
    ],
)
def test_nobody_is_told_of_what_was_not_in_doubt_or_not_inside(happened, why):
    shipped()
    limited = box()
    type(limited.kind).objects.filter(pk=limited.kind_id).update(warmest_celsius="-150.0", minutes_allowed=30)

    learnt(happened=happened)

    assert not ConsigneeNotice.objects.exists(), why


def test_a_unit_that_is_still_here_is_held_and_no_site_is_told():
    shipped()
    unit = available_unit()

    learnt(happened=warming(since=NOON + hours(3), until=NOON + hours(4)))

    assert held(unit) == [["excursion"]]
    assert not ConsigneeNotice.objects.exists()


def test_two_excursions_are_told_by_a_notice_each():
    shipped()

    learnt()
    learnt(happened=warming("-100", since=NIGHT - hours(1)))

    assert ConsigneeNotice.objects.filter(kind="excursion").count() == 2


@pytest.mark.parametrize("verdict", ["test_first", "discard"])
def test_what_is_not_cleared_is_recalled_and_held_for_that(verdict):
    shipment, here = shipped(), available_unit()
    [gone] = inside(shipment)
    opened = learnt()

    assessed(opened, group(verdict, gone.code), group("cleared", here.code), at=EVENING + hours(1))

    recall = the(NoticeKind.RECALL)
    assert (recall.site, [item.unit for item in recall.items.all()]) == (shipment.to_site, [gone])
    assert recall.reason == f"{opened.reference} was assessed: {verdict.replace('_', ' ')}."
    assert held(gone, here) == [["notice"], []]
    gone.refresh_from_db()
    assert gone.state == "shipped"
    assert list(fold_findings()) == []


def test_what_is_cleared_is_not_recalled_and_stays_under_no_hold():
    [gone] = inside(shipped())

    assessed(learnt(), group("cleared", gone.code), at=EVENING + hours(1))

    assert held(gone) == [[]]
    assert not ConsigneeNotice.objects.filter(kind="recall").exists()
    assert not Hold.objects.filter(kind=HoldKind.NOTICE.value).exists()


def test_the_letter_asks_to_wait_and_after_the_assessment_says_what_became_of_it():
    [gone] = inside(shipped())
    opened = learnt()
    notice = the(NoticeKind.EXCURSION)

    first = letter_of(notice)
    assessed(opened, group("cleared", gone.code), at=EVENING + hours(1))
    second = letter_of(notice, at=EVENING + hours(2))

    for said in (notice.reference, gone.code, opened.reference, "45 minutes beyond its limits", "-120.5 °C"):
        assert said in first
    assert "do not use them until we have told you" in first
    assert f"{gone.code}: cleared" in second
    assert "until we have told you" not in second
    for private in (gone.donation.donor.donor_code, opened.container.code):
        assert private not in first + second


def test_a_notice_is_not_closed_before_its_excursion_is_assessed():
    [gone] = inside(shipped())
    opened = learnt()
    notice = answered(the(NoticeKind.EXCURSION))

    with pytest.raises(NoticeRefused, match=f"{opened.reference} is not assessed"), nothing_changes():
        close(notice)

    assessed(opened, group("cleared", gone.code), at=EVENING + hours(1))
    assert close(notice).closed_at == EVENING + hours(2)


def test_the_database_itself_refuses_to_close_it_before_or_to_speak_of_another_excursion():
    shipped()
    learnt()
    notice = answered(the(NoticeKind.EXCURSION))
    other = excursion(box("T01-R01-02"), at=EVENING)
    quality = staff(Role.QUALITY_REVIEWER)
    closing = {"closed_at": EVENING, "closing": assessed(other, at=EVENING, by=quality).signature}

    for changed, why in (
        (closing, "closed after its assessment"),
        ({"excursion": other}, "stays what it was written as"),
        ({"excursion": None}, "stays what it was written as"),
    ):
        with pytest.raises(DatabaseError, match=why), transaction.atomic():
            ConsigneeNotice.objects.filter(pk=notice.pk).update(**changed)


def test_the_database_itself_refuses_a_notice_of_an_excursion_that_names_none():
    shipped()
    learnt()
    row = the(NoticeKind.EXCURSION)
    row.pk, row.reference, row.excursion = None, "NTC-NONE", None

    with pytest.raises(IntegrityError, match="a_notice_of_an_excursion_names_it"), transaction.atomic():
        row.save(force_insert=True)
