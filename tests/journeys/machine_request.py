"""Requests: reserved, approved, weighed, rejected, cancelled, lapsed; and the same command sent twice."""

from datetime import datetime, timedelta
from hashlib import sha256

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.services.idempotency import once
from inventory.domain.release import ReleaseKind
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.services.approval import approve_request
from inventory.services.request import NewRequest, cancel_request, reject_request, request_units, take_out_unit
from inventory.services.reservation import lapse_reservations
from inventory.services.waiver import request_by_exception, state_benefit_and_risk
from tests.factories.person import credentials, staff
from tests.factories.request import coordinator, wanted
from tests.factories.time import days, hours
from tests.factories.waiver import WEIGHED, grounds
from tests.journeys.machine import WHICH, Machine, one_of, reviewer


class RequestMachine(Machine):
    """What studies ask for."""

    def requests(self, *statuses: str) -> list[UnitRequest]:
        """Return the requests of these statuses, oldest first."""
        return list(UnitRequest.objects.filter(status__in=statuses).order_by("pk"))

    def _wanted(self, which: int, count: int, until: timedelta | None, states: list[str]) -> NewRequest:
        units: list[Unit] = [unit for unit in self.units(*states) or self.units() if unit.lot_id is None]
        chosen = [one_of(units, which + number) for number in range(min(count, len(units)))]
        return wanted(
            *chosen,
            needed_by=(self.now + days(30)).date(),
            recipient=f"PATIENT-{which % 3}",
            until=self.now + until if until else None,
        )

    @rule(which=WHICH, count=st.integers(1, 2), until=st.sampled_from([None, hours(4), days(2)]))
    def request(self, which: int, count: int, until: timedelta | None) -> None:
        """A coordinator asks for units in stock."""
        new = self._wanted(which, count, until, ["available"])
        self.attempt("request", lambda at: request_units(new, by=coordinator(), at=at))

    @rule(which=WHICH)
    def request_anything(self, which: int) -> None:
        """A coordinator asks for a unit, whatever its state."""
        new = self._wanted(which, 1, None, ["available"] if which % 3 == 0 else [])
        self.attempt("request anything", lambda at: request_units(new, by=coordinator(), at=at))

    @rule(which=WHICH, kind=st.sampled_from([ReleaseKind.EXCEPTIONAL, ReleaseKind.URGENT]))
    def request_exceptionally(self, which: int, kind: ReleaseKind) -> None:
        """A physician knows what a unit lacks, and asks for it all the same."""
        new = self._wanted(which, 1, None, ["quarantined"])
        self.attempt(
            "request by exception", lambda at: request_by_exception(new, grounds(kind), by=coordinator(), at=at)
        )

    @rule(which=WHICH, as_before=st.sampled_from([True, True, False]))
    def send_a_request_twice(self, which: int, as_before: bool) -> None:
        """A door sends one command twice under one key, or another one under the key of the first (INV-21)."""
        new, by = self._wanted(which, 1, None, ["available"]), coordinator()
        body = sha256(str(new.unit_ids).encode()).hexdigest()
        key = f"key-{self.now:%Y%m%d%H%M%S}"

        def ask(at: datetime) -> dict[str, object]:
            return {"request": request_units(new, by=by, at=at).reference}

        first = self.attempt("once", lambda at: once(by, key, body, lambda: ask(at), at=at))
        if first is not None:
            second = body if as_before else body[::-1]
            again = self.attempt("again", lambda at: once(by, key, second, lambda: ask(at), at=at))
            assert again == (first if as_before else None), "INV-21 the second got another answer"
            assert again is None or again.replayed, "INV-21 the same key had a second effect"

    @rule(which=WHICH)
    def approve(self, which: int) -> None:
        """Quality approves a request."""
        if requests := self.requests("submitted") or self.requests("approved", "void", "released"):
            self.approve_this(one_of(requests, which))

    def approve_this(self, chosen: UnitRequest) -> None:
        """Approve one request."""
        quality = reviewer()
        self.attempt(
            "approve",
            lambda at: approve_request(chosen, owner=quality, credentials=credentials(quality), by=quality, at=at),
        )

    @rule(which=WHICH, by=st.sampled_from([Role.MEDICAL_DIRECTOR, Role.MEDICAL_DIRECTOR, Role.QUALITY_REVIEWER]))
    def weigh(self, which: int, by: Role) -> None:
        """The medical director states benefit and risk, or somebody else does."""
        requests = [each for each in self.requests("submitted", "approved", "released") if each.kind != "normal"]
        if requests:
            self.weigh_this(one_of(requests, which), by)

    def weigh_this(self, chosen: UnitRequest, by: Role = Role.MEDICAL_DIRECTOR) -> None:
        """State benefit and risk of one request."""
        who = staff(by)
        self.attempt("weigh", lambda at: state_benefit_and_risk(chosen, WEIGHED, by=who, at=at))

    @rule(
        which=WHICH,
        how=st.sampled_from(["reject", "cancel", "take out"]),
        is_open=st.sampled_from([True, True, True, False]),
    )
    def end(self, which: int, how: str, is_open: bool) -> None:
        """A request, or one unit of it, is no longer wanted, be it still open or not."""
        ended = self.requests("completed", "void", "cancelled", "rejected")
        requests = self.requests("submitted", "approved", "released") if is_open or not ended else ended
        requests = requests or ended
        if not requests:
            return
        chosen, reason = one_of(requests, which), "No longer wanted."
        if how == "take out":
            unit = one_of(list(Unit.objects.filter(request_lines__request=chosen).order_by("pk")), which)
            self.attempt(how, lambda at: take_out_unit(chosen, unit, reason=reason, by=coordinator(), at=at))
            return
        ending = reject_request if how == "reject" else cancel_request
        self.attempt(how, lambda at: ending(chosen, reason=reason, by=reviewer(), at=at))

    @rule(after=st.sampled_from([timedelta(0), hours(5), days(3)]))
    def lapse(self, after: timedelta) -> None:
        """Time passes, and the sweep ends what was reserved too long."""
        self.now += after
        self.attempt("lapse", lambda at: lapse_reservations(by=reviewer(), at=at))
