"""What was written down wrongly: facts corrected by one person and then a second one, and registrations voided."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from biobank.models.person import Person
from consent.models.donor import Infant
from inventory.domain.correctable import FACTS, Fact, FactKind
from inventory.models.correction import Correction
from inventory.models.donation import Donation
from inventory.models.unit import Unit
from inventory.models.voiding import Voiding
from inventory.queries.correction_row import NAMED, ROWS, value_now
from inventory.services.correction_fact import FactCorrection, confirm_correction, correct_fact, reject_correction
from inventory.services.voiding import confirm_voiding, propose_voiding, reject_voiding
from tests.factories.person import staff
from tests.factories.unit import box
from tests.journeys.bank import BOXES
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

WHY = "read from the wrong line"
CORRECTABLE = sorted(FACTS)
# How a fact is typed anew: otherwise than it is, as it is, or as nothing can be.
HOWS = st.sampled_from(["otherwise", "otherwise", "otherwise", "same", "nonsense"])
NONSENSE = {FactKind.INSTANT: "2199-01-01T00:00:00+00:00", FactKind.SOURCE: "DNR-NOBODY/1", FactKind.PLACE: "NOWHERE"}


class CorrectionMachine(Machine):
    """Facts that were wrong."""

    @rule(which=WHICH, fact=st.sampled_from(CORRECTABLE), how=HOWS)
    def correct_fact(self, which: int, fact: tuple[str, str], how: str) -> None:
        """Somebody corrects a fact of something, or proposes to."""
        if rows := _rows(fact[0]):
            self.correct_this(one_of(rows, which), FACTS[fact], how, which)

    @rule(which=WHICH, field=st.sampled_from(["source", "collected_at"]))
    def correct_donation(self, which: int, field: str) -> None:
        """Somebody corrects whose a donation is, or when it was collected: everything rests on that."""
        rows = list(Donation.objects.order_by("pk"))
        self.correct_this(one_of(rows, which), FACTS["donation", field], "otherwise", which)

    def correct_this(self, row: Any, fact: Fact, how: str, which: int) -> None:
        """Correct one fact of one row."""
        typed = _ANEW[fact.kind](fact, row, which) if how != "same" else value_now(fact, row)
        if how == "nonsense":
            typed = NONSENSE.get(fact.kind, "\0")
        wanted = FactCorrection(fact.noun, row.pk, fact.field, typed, WHY)
        self.attempt("correct fact", lambda at: correct_fact(wanted, by=_asker(), at=at))

    @rule(which=WHICH, other=st.sampled_from([True, True, False]))
    def confirm_correction(self, which: int, other: bool) -> None:
        """A second person, or the same one, confirms what waits; or what waits no more."""
        waiting = self.corrections("proposed") or self.corrections("in_effect", "rejected")
        if not waiting:
            return
        chosen, by = one_of(waiting, which), reviewer() if other else _asker()
        done = self.attempt("confirm correction", lambda at: confirm_correction(chosen, by=by, at=at))
        assert other or done is None, "the same person was on both ends of a correction"

    @rule(which=WHICH, why=st.sampled_from(["it was right", "it was right", ""]))
    def reject_correction(self, which: int, why: str) -> None:
        """Somebody refuses what waits."""
        if waiting := self.corrections("proposed") or self.corrections("in_effect", "rejected"):
            chosen = one_of(waiting, which)
            self.attempt("reject correction", lambda at: reject_correction(chosen, reason=why, by=reviewer(), at=at))

    def corrections(self, *statuses: str) -> list[Correction]:
        """Return the corrections of these statuses, newest first."""
        return list(Correction.objects.filter(status__in=statuses).order_by("-pk"))

    @rule(which=WHICH, whole=st.booleans())
    def void(self, which: int, whole: bool) -> None:
        """Somebody says that a unit, or a whole donation, was never there."""
        unit = self.unit(which, "collected")
        thing: Unit | Donation = unit.donation if whole else unit
        self.attempt("void", lambda at: propose_voiding(thing, reason="typed twice", by=_asker(), at=at))

    @rule(which=WHICH, how=st.sampled_from(["confirm", "confirm", "alone", "reject", "silently"]))
    def end_voiding(self, which: int, how: str) -> None:
        """A second person, or the same one, confirms that something was never there, or refuses to."""
        found = Voiding.objects.order_by("pk")
        waiting = list(found.filter(status="proposed")) or list(found)
        if not waiting:
            return
        chosen, by = one_of(waiting, which), _asker() if how == "alone" else reviewer()
        if how in ("confirm", "alone"):
            done = self.attempt("confirm voiding", lambda at: confirm_voiding(chosen, by=by, at=at))
            assert how == "confirm" or done is None, "the same person was on both ends of a voiding"
            return
        why = "it is there" if how == "reject" else ""
        self.attempt("reject voiding", lambda at: reject_voiding(chosen, reason=why, by=by, at=at))


def _asker() -> Person:
    return staff(Role.LAB_TECHNICIAN)


def _rows(noun: str) -> list[Any]:
    """Return what there is of a noun, newest first."""
    return list((Infant if noun == "infant" else ROWS[noun][0]).objects.order_by("-pk"))


def _instant(fact: Fact, row: Any, which: int) -> str:
    value: datetime | None = getattr(row, fact.field)
    return "" if value is None else (value + timedelta(minutes=which - 6)).isoformat()


def _day(fact: Fact, row: Any, which: int) -> str:
    value: date = getattr(row, fact.field)
    return (value + timedelta(days=which - 6)).isoformat()


def _number(fact: Fact, row: Any, which: int) -> str:
    value = getattr(row, fact.field)
    smallest = Decimal(1).scaleb(-fact.decimals)
    return str(smallest * (which + 1) + (value if value is not None else max(fact.low, Decimal(0))))


def _place(_fact: Fact, _row: Any, which: int) -> str:
    """Return another of the few first positions of a box, which may be taken."""
    number = which // 3 % 4
    return str(box(BOXES[which % len(BOXES)]).positions.order_by("pk")[number].code)


def _named(fact: Fact, _row: Any, which: int) -> str:
    """Return the name of one of all that the fact could name."""
    model, column = NAMED[fact.noun, fact.field]
    return str(one_of(list(model.objects.order_by("pk").values_list(column, flat=True)), which))


def _source(_fact: Fact, row: Any, which: int) -> str:
    infant = one_of(list(Infant.objects.exclude(pk=row.infant_id).select_related("donor").order_by("pk")), which)
    return f"{infant.donor.donor_code}/{infant.order}"


# What each fact could be else.
_ANEW: Mapping[FactKind, Callable[[Fact, Any, int], str]] = {
    FactKind.INSTANT: _instant,
    FactKind.DAY: _day,
    FactKind.NAMED: _named,
    FactKind.TYPING: lambda _fact, _row, which: json.dumps({"hla_a": f"A*01:01+A*{which % 3 + 2:02}:01"}),
    FactKind.VALUES: lambda _fact, _row, which: json.dumps({"viability_percent": f"{80 + which % 3}.0"}),
    FactKind.WHOLE: _number,
    FactKind.DECIMAL: _number,
    FactKind.WORD: lambda fact, _row, which: one_of(fact.words, which),
    FactKind.TEXT: lambda _fact, _row, which: f"T-{which}",
    FactKind.TEXTS: lambda _fact, _row, which: json.dumps(["DMSO 10 %", "dextran"][: which % 3]),
    FactKind.FINDINGS: lambda _fact, _row, which: json.dumps({"label_matches": which % 3 > 0}),
    FactKind.SOURCE: _source,
    FactKind.PLACE: _place,
}
