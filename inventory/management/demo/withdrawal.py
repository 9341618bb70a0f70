"""A mother of the demo withdraws after a part of her gift was shipped; the site is told, answers, and is done."""

from datetime import datetime, timedelta

from consent.domain.consent import WithdrawalScope
from consent.services.consent import Withdrawal, withdraw_consent
from inventory.domain.notice import ItemDisposition, NoticeKind
from inventory.domain.unit import Use
from inventory.management.demo.notice import settle, tell
from inventory.management.demo.release import STEP, ask, release_units, send
from inventory.management.demo.scene import Scene
from inventory.management.demo.unit import siblings
from inventory.queries.notice import notices_of_unit

DAY = timedelta(days=1)


def withdraw_after_shipping(scene: Scene, at: datetime) -> None:
    """Ship one unit of a mother, reserve another of hers, record that she withdraws, and close the notice."""
    bank, studies = scene.bank, scene.studies
    shipped, kept = siblings()
    request = ask(bank, studies.laboratory, [shipped], at=at)
    send(bank, release_units(bank, request, [shipped], at=at + STEP), [shipped], at=at + 6 * STEP)
    clinical = kept.use == Use.HUMAN_APPLICATION
    protocol, recipient = (studies.clinical, "LC-0008") if clinical else (studies.laboratory, "")
    ask(bank, protocol, [kept], recipient=recipient, at=at + 8 * STEP)
    withdrawal = Withdrawal(
        donor=shipped.donation.donor,
        scope=WithdrawalScope.ALL,
        reason="The mother withdraws her consent by letter.",
        occurred_at=at + 9 * STEP,
    )
    withdraw_consent(withdrawal, by=bank.people["collection"], at=at + 10 * STEP)
    notice = notices_of_unit(shipped.pk).get(kind=NoticeKind.CONSENT_WITHDRAWAL.value)
    tell(bank, notice, at=at + DAY)
    settle(bank, notice, ItemDisposition.KEPT_APART, at=at + 3 * DAY)
