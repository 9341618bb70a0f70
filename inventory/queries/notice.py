"""Consignee notices: what they speak of."""

from django.db.models import QuerySet

from inventory.models.notice import ConsigneeNotice, NoticeItem


def notice_items(notice_id: int) -> list[NoticeItem]:
    """Return the units a notice speaks of, by code."""
    return list(NoticeItem.objects.filter(notice_id=notice_id).select_related("unit").order_by("unit__code"))


def notices_of_unit(unit_id: int) -> QuerySet[ConsigneeNotice]:
    """Return the notices that speak of a unit, latest first."""
    return ConsigneeNotice.objects.filter(items__unit_id=unit_id).select_related("site").order_by("-opened_at", "-pk")
