"""What the laboratory and quality find: results, late ones, corrected ones, and doubt."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import rule

from biobank.domain.role import Role
from inventory.domain.assay import ASSAYS, Qualifier, Subject
from inventory.domain.hold import HoldKind
from inventory.models.hold import Hold
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.services.correction import Correction, correct_result
from inventory.services.hold import NewHold, lift_hold, place_holds
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.person import staff
from tests.factories.result import of, of_mother, second_technician, technician
from tests.factories.unit import SEGMENT, TYPING, WITHIN, mothers_results
from tests.journeys.machine import WHICH, Machine, one_of, reviewer

# Why somebody doubts; a doubt without a reason is refused.
WHYS = ["Something looked odd.", "Something looked odd.", ""]
LATE = ["late", "weak", "growth", "reactive", "harmless", "impossible"]


class QualityMachine(Machine):
    """Facts that come to be known, and doubt."""

    def results(self, *, verified: bool) -> list[Result]:
        """Return the results that no other has replaced."""
        found = Result.objects.filter(replaced_by=None).exclude(verified_at__isnull=verified)
        return list(found.select_related("unit", "lot", "donation", "sample").order_by("pk"))

    @rule(which=WHICH, viability=st.sampled_from(["95.0", "95.0", "95.0", "950"]))
    def measure(self, which: int, viability: str) -> None:
        """All that acceptance asks of a unit in quarantine is measured, within its limits; a slip of the keys aside."""
        self.measure_this(self.unit(which, "quarantined"), tnc_viability_percent=viability)

    def measure_this(self, unit: Unit, **otherwise: str) -> None:
        """Measure all of one unit, and have it verified."""
        lab = technician()
        news = [
            *(of(unit, assay, value) for assay, value in {**WITHIN, **otherwise}.items()),
            *(NewResult(assay, Subject.INFANT, donation=unit.donation, value=value) for assay, value in TYPING.items()),
            *(replace(new, specimen_at=unit.donation.collected_at) for new in mothers_results(unit, {})),
        ]
        if self.attempt("measure", lambda at: record_results(news, by=lab, at=at)):
            self._verify(Result.objects.filter(verified_at=None).values_list("pk", flat=True))

    @rule(which=WHICH, identity=st.sampled_from(["confirmed", "confirmed", "mismatch", "perhaps"]))
    def thaw_segment(self, which: int, identity: str) -> None:
        """A segment is thawed and tells what the unit is."""
        self.thaw_this(self.unit(which, "available", "reserved", "quarantined"), identity)

    def thaw_this(self, unit: Unit, identity: str) -> None:
        """Thaw one unit's segment and record what it tells."""
        sample = unit.samples.filter(role="segment").order_by("pk").first()
        if sample is None:
            return
        values = {**SEGMENT, "hla_identity": identity}
        news = [of(unit, assay, value, sample=sample) for assay, value in values.items()]
        made = self.attempt("thaw segment", lambda at: record_results(news, by=technician(), at=at))
        self._verify([each.pk for each in made or ()])

    @rule(which=WHICH, what=st.sampled_from(LATE), is_verified=st.booleans())
    def late_result(self, which: int, what: str, is_verified: bool) -> None:
        """A result comes late: of the mother or of the unit, against it or not, or as no result can be."""
        unit = self.unit(which, "available", "reserved", "released", "shipped", "received")
        news = {
            "late": of_mother(unit, "anti_hbc", "negative"),
            "weak": of(unit, "tnc", "100000000"),
            "growth": of(unit, "bacterial_culture", "growth"),
            "reactive": of_mother(unit),
            "harmless": of(unit, "tnc_viability_percent", "93.0"),
            "impossible": of(unit, "tnc_viability_percent", "930"),
        }
        made = self.attempt("late result", lambda at: record_results([news[what]], by=technician(), at=at))
        if is_verified:
            self._verify([each.pk for each in made or ()])

    @rule(which=WHICH, other=st.booleans())
    def verify(self, which: int, other: bool) -> None:
        """A waiting result is verified, by another person or by the one who entered it."""
        waiting = self.results(verified=False) or self.results(verified=True)
        by = second_technician() if other else technician()
        ids = [one_of(waiting, which).pk]
        self.attempt("verify", lambda at: verify_results(ids, by=by, at=at))

    @rule(which=WHICH, number=st.integers(0, 60), changes=st.booleans())
    def correct(self, which: int, number: int, changes: bool) -> None:
        """A result of the past is corrected, to what it was or to something else."""
        old = one_of(self.results(verified=bool(which % 4)) or self.results(verified=True), number)
        value = _again(old, changes=changes)
        correction = Correction(old.pk, value, "typed into the wrong row" if which % 5 else "")
        made = self.attempt("correct", lambda at: correct_result(correction, by=technician(), at=at))
        if made is not None and number % 2:
            self._verify([made.pk])

    def _verify(self, ids: Iterable[int]) -> None:
        if wanted := sorted(ids):
            self.attempt("verify", lambda at: verify_results(wanted, by=second_technician(), at=at))

    @rule(
        which=WHICH,
        on=st.sampled_from(["unit", "donation", "donor"]),
        kind=st.sampled_from(HoldKind),
        why=st.sampled_from(WHYS),
    )
    def hold(self, which: int, on: str, kind: HoldKind, why: str) -> None:
        """Somebody doubts, and says why, or does not."""
        unit = self.unit(which, "available", "reserved", "released")
        ids = {"unit": unit.pk, "donation": unit.donation_id, "donor": unit.donation.donor_id}
        new = NewHold(kind, why, **{f"{on}_id": ids[on]})
        self.attempt("hold", lambda at: place_holds([new], by=staff(Role.STORAGE_TECHNICIAN), at=at))

    @rule(which=WHICH, by=st.sampled_from(["reviewer", "reviewer", "reviewer", "technician"]))
    def lift(self, which: int, by: str) -> None:
        """Somebody wants the doubt settled."""
        holds = list(Hold.objects.filter(lifted_at=None).order_by("pk"))
        if holds:
            person = reviewer() if by == "reviewer" else technician()
            chosen = one_of(holds, which)
            self.attempt("lift", lambda at: lift_hold(chosen, reason="It was nothing.", by=person, at=at))

    @rule(which=WHICH)
    def doubt_is_settled(self, which: int) -> None:
        """Every hold on a unit that quality may lift is lifted, one after the other."""
        unit: Unit = self.unit(which, "available", "reserved", "released", "quarantined")
        for hold in Hold.objects.filter(lifted_at=None).order_by("pk"):
            if hold.donor_id == unit.donation.donor_id or unit.pk == hold.unit_id:

                def call(at: datetime, hold: Hold = hold) -> Hold:
                    return lift_hold(hold, reason="Looked into.", by=reviewer(), at=at)

                self.attempt("lift", call)


def _again(old: Result, *, changes: bool) -> NewResult:
    """Return what a result said, once more, or something else that its assay allows."""
    assay, value = ASSAYS[old.assay], old.text
    if old.number is not None:
        value = f"{old.number / (2 if changes else 1):.{assay.decimals}f}"
    elif changes:
        value = next((code for code in assay.codes if code != value), value)
    return NewResult(
        old.assay,
        Subject(old.subject),
        unit=old.unit,
        lot=old.lot,
        donation=old.donation,
        sample=old.sample,
        value=value,
        qualifier=Qualifier(old.qualifier),
        approved_test=old.approved_test,
        diluted=old.diluted,
        specimen_at=old.specimen_at,
    )
