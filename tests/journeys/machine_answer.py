"""What sites say: that they have read a notice, what became of each unit of it, and what came of a unit they used."""

from collections.abc import Mapping
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import rule

from inventory.domain.notice import ItemAnswer, ItemDisposition
from inventory.domain.outcome import OutcomeKind
from inventory.models.notice import ConsigneeNotice
from inventory.queries.notice import answers_to, notice_items
from inventory.services.notice import acknowledge_notice, answer_items, close_notice
from inventory.services.outcome import NewOutcome, report_outcome
from tests.factories.person import credentials
from tests.factories.request import coordinator
from tests.factories.time import hours
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

MEASURED = {"viability_percent": "88.5", "tnc": "900000000"}
TYPED: Mapping[str, Mapping[str, str]] = {"measured": MEASURED, "a score": {"meld": "17"}}


class AnswerMachine(Machine):
    """Answers from outside."""

    @rule(
        which=WHICH,
        how=st.sampled_from(["acknowledge", "answer", "answer", "close"]),
        when=st.sampled_from(["now", "now", "now", "never"]),
    )
    def answer_notice(self, which: int, how: str, when: str) -> None:
        """A site answers a notice, be it open or not; once in a while at a time that cannot be."""
        open_ones = list(ConsigneeNotice.objects.filter(closed_at=None).order_by("pk"))
        if notices := open_ones or list(ConsigneeNotice.objects.order_by("pk")):
            self.answer_this(one_of(notices, which), how, when, list(ItemDisposition)[which % 5])

    def answer_this(self, notice: ConsigneeNotice, how: str, when: str, said: ItemDisposition) -> None:
        """Acknowledge one notice, say what became of whatever is not answered of it, or close it."""
        if how == "acknowledge":
            self._acknowledge_notice(notice, when)
        elif how == "answer":
            self._answer(notice, when, said)
        else:
            self._close_notice(notice)

    def _acknowledge_notice(self, notice: ConsigneeNotice, when: str) -> None:
        def call(at: datetime) -> object:
            read_at = at if when == "now" else notice.opened_at - hours(1)
            return acknowledge_notice(notice, acknowledged_by="Dr Site", occurred_at=read_at, by=coordinator(), at=at)

        self.attempt("acknowledge notice", call)

    def _answer(self, notice: ConsigneeNotice, when: str, said: ItemDisposition) -> None:
        known = answers_to(notice.pk)
        waiting = [item.unit.code for item in notice_items(notice.pk) if item.unit.code not in known]

        def call(at: datetime) -> object:
            answer = ItemAnswer(disposition=said, occurred_at=at if when == "now" else at + hours(1))
            return answer_items(notice, dict.fromkeys(waiting, answer), by=coordinator(), at=at)

        self.attempt("answer notice", call)

    def _close_notice(self, notice: ConsigneeNotice) -> None:
        quality = reviewer()
        answered = {item.unit.code for item in notice_items(notice.pk)} <= answers_to(notice.pk).keys()
        done = self.attempt(
            "close notice", lambda at: close_notice(notice, credentials=credentials(quality), by=quality, at=at)
        )
        assert answered or done is None, "a notice was closed of which a unit is unanswered"

    @rule(which=WHICH, kind=st.sampled_from(OutcomeKind), typed=st.sampled_from(["measured", "measured", "a score"]))
    def report_outcome(self, which: int, kind: OutcomeKind, typed: str) -> None:
        """A study reports what came of a unit, be it there or not; a score is never typed."""
        unit = self.unit(which, "received", "used", "returned")

        def call(at: datetime) -> object:
            new = NewOutcome(kind=kind, outcome_date=at.date(), values=TYPED[typed])
            return report_outcome(unit, new, by=coordinator(), at=at)

        done = self.attempt("report outcome", call)
        assert typed == "measured" or done is None, "a score was taken from a report"
