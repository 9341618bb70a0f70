"""Consignee notices: what they speak of, what was answered, and which are open."""

from collections.abc import Collection

from django.db.models import QuerySet

from inventory.domain.notice import NoticeKind
from inventory.models.excursion import ExcursionItem
from inventory.models.notice import ConsigneeNotice, NoticeAnswer, NoticeItem


def lock_notice(notice_id: int) -> ConsigneeNotice:
    """Take the row lock of one notice and return it fresh, with its site."""
    rows = ConsigneeNotice.objects.select_for_update(of=("self",)).select_related("site", "excursion")
    return rows.get(pk=notice_id)


def awaited_by(notice: ConsigneeNotice) -> str:
    """Return the excursion that a notice is about, by reference, while nobody has assessed what it held."""
    excursion = notice.excursion
    if excursion is None or not excursion.is_beyond or excursion.assessed_at is not None:
        return ""
    return excursion.reference


def verdicts_told(notice: ConsigneeNotice) -> dict[str, str]:
    """Return, by unit code, how what a notice speaks of was assessed after the excursion that it is about."""
    items = ExcursionItem.objects.filter(excursion=notice.excursion_id, unit__notices__notice=notice)
    return dict(items.exclude(verdict="").order_by("unit__code").values_list("unit__code", "verdict"))


def notice_items(notice_id: int) -> list[NoticeItem]:
    """Return the units a notice speaks of, by code."""
    return list(NoticeItem.objects.filter(notice_id=notice_id).select_related("unit").order_by("unit__code"))


def answers_to(notice_id: int) -> dict[str, NoticeAnswer]:
    """Return, by unit code, what the site said became of each unit so far."""
    rows = NoticeAnswer.objects.filter(item__notice_id=notice_id).select_related("item__unit")
    return {row.item.unit.code: row for row in rows.order_by("item__unit__code")}


def notices_of_unit(unit_id: int) -> QuerySet[ConsigneeNotice]:
    """Return the notices that speak of a unit, latest first."""
    return ConsigneeNotice.objects.filter(items__unit_id=unit_id).select_related("site").order_by("-opened_at", "-pk")


def open_notices() -> QuerySet[ConsigneeNotice]:
    """Return the notices that nobody has closed, the oldest first."""
    return ConsigneeNotice.objects.filter(closed_at__isnull=True).select_related("site").order_by("opened_at", "pk")


def told_already(kind: NoticeKind, reason: str, unit_ids: Collection[int]) -> set[int]:
    """Return which of these units an open notice speaks of for exactly this reason."""
    rows = NoticeItem.objects.filter(
        unit_id__in=unit_ids, notice__kind=kind.value, notice__reason=reason[:500], notice__closed_at__isnull=True
    )
    return set(rows.values_list("unit_id", flat=True))
