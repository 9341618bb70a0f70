"""A notice of the demo from its letter to its end: written, sent, acknowledged, answered and closed."""

from datetime import datetime, timedelta

from inventory.domain.notice import ItemAnswer, ItemDisposition
from inventory.management.demo.people import Bank
from inventory.models.notice import ConsigneeNotice
from inventory.queries.notice import notice_items
from inventory.services.letter import write_letter
from inventory.services.notice import acknowledge_notice, answer_items, close_notice

DAY = timedelta(days=1)


def tell(bank: Bank, notice: ConsigneeNotice, *, at: datetime) -> None:
    """Write a notice's letter; the site says a day later that it has read it."""
    quality = bank.people["quality"]
    write_letter(notice, by=quality, at=at)
    acknowledge_notice(notice, acknowledged_by="Demo Laboratory Desk", occurred_at=at + DAY, by=quality, at=at + DAY)


def settle(bank: Bank, notice: ConsigneeNotice, word: ItemDisposition, *, at: datetime) -> None:
    """Answer for every unit of a notice with one word, and close it by quality's signature."""
    quality = bank.people["quality"]
    answer = ItemAnswer(disposition=word, occurred_at=at, note="Told by the demo's study site by telephone.")
    answer_items(notice, {item.unit.code: answer for item in notice_items(notice.pk)}, by=quality, at=at)
    close_notice(notice, credentials=bank.credentials("quality"), by=quality, at=at + DAY)
