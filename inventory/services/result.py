"""Entering and verifying results, and what correcting them shares with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_texts
from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.assay import ASSAYS, Qualifier, Subject
from inventory.domain.lot import OWN_OF_A_VIAL, RecordOnTheLot, is_a_vials_own
from inventory.domain.result import Value, check_subject, check_value
from inventory.domain.specification import recorded_recovery_percent
from inventory.domain.unit import Origin
from inventory.domain.verdict import Outcome
from inventory.models.attestation import Attestation
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.result import Result
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.acceptance import no_longer_within
from inventory.queries.attested import mark_of
from inventory.queries.lot import assays_carried, donations_behind_lots, donors_behind_lots, drawn_of
from inventory.queries.result import (
    counts_before_processing,
    donors_of_results,
    lock_results,
    units_judged_by,
)
from inventory.queries.shipment import laboratory_of
from inventory.queries.unit import batched, donors_behind
from inventory.services.eligibility import reopen_eligibility
from inventory.services.look_back import look_back_on
from inventory.services.void import take_back

LONGEST = {"method": 64, "instrument": 64, "laboratory": 64, "reported_by": 120}


class ResultRefused(RuleViolation):
    """A result cannot be entered, verified or corrected as asked."""

    code = "result-refused"
    title = "The result was not recorded"
    mend = "Correct what is named and send it again. No result was saved or changed."


@dataclass(frozen=True)
class NewResult:
    """One value, as typed, of one assay for one subject: a ``unit``, a ``lot``, or mother or infant by ``donation``."""

    assay: str
    subject: Subject
    unit: Unit | None = None
    donation: Donation | None = None
    lot: Lot | None = None
    sample: ReferenceSample | None = None
    value: str = ""
    qualifier: Qualifier = Qualifier.MEASURED
    method: str = ""
    instrument: str = ""
    laboratory: str = ""
    approved_test: bool | None = None
    diluted: bool | None = None
    specimen_at: datetime | None = None
    reported_by: str = ""


@service
def record_results(news: Sequence[NewResult], *, by: Person, at: datetime) -> list[Result]:
    """Enter results in bulk, unverified, with the recovery that a count after processing lets compute.

    A mother's or infant's result reopens what was determined without it. What was measured on a sample that was sent to
    a laboratory names that laboratory, where nobody says another.

    Raises ``ValueRefused`` for a value its assay does not allow, ``ResultRefused`` for a subject it is not of, and
    ``RecordOnTheLot`` for what a vial's lot carries.
    """
    lock_donors(donors_named_in(news))
    return enter_results(news, by=by, at=at)


def enter_results(news: Sequence[NewResult], *, by: Person, at: datetime) -> list[Result]:
    """Enter results of locked donors, as ``record_results`` does."""
    _check_not_the_lots(news)
    news = _with_laboratory([*news, *_recoveries(news)])
    rows = [row_of(new, by=by, at=at) for new in news]
    results = Result.objects.bulk_create(rows, batch_size=500)
    for result, new in zip(results, news, strict=True):
        record("result.recorded", subjects=codes_of(new), by=by, at=at, new=told(result))
    reopen_verdicts(results, because="a new result", by=by, at=at)
    return results


@service
def verify_results(result_ids: Sequence[int], *, by: Person, at: datetime) -> list[Result]:
    """Verify results that another person entered.

    What was determined while they were unverified is reopened, and units accepted before lose their acceptance where a
    verified result fails. Raises ``ResultRefused`` with every one that cannot be verified.
    """
    lock_donors(donors_of_results(result_ids))
    results = lock_results(result_ids)
    reasons = [reason for result in results for reason in _obstacles_to_verifying(result, by)]
    if len(results) != len(set(result_ids)):
        reasons.append(Reason("A result named does not exist.", "unknown"))
    if reasons:
        raise ResultRefused("The results were not verified.", reasons=reasons)
    settle_results(results, by=by, at=at)
    return results


def settle_results(
    results: Sequence[Result], *, attestation: Attestation | None = None, by: Person, at: datetime
) -> None:
    """Let locked results count from now on, verified here or attested, and take back what stood without them."""
    mark, also = mark_of(attestation), [attestation.reference] if attestation else []
    for result in results:
        result.verified_by, result.verified_at, result.attestation = by, at, attestation
        record("result.verified", subjects=[*codes_of(result), *also], by=by, at=at, reason=mark, new=told(result))
    for batch in batched([result.pk for result in results]):
        Result.objects.filter(pk__in=batch).update(verified_by=by, verified_at=at, attestation=attestation)
    reopen_verdicts(results, because="an attested result" if mark else "a verified result", by=by, at=at)
    take_back_acceptance(results, Outcome.FAIL, because="a late result", by=by, at=at)
    look_back_on(results, by=by, at=at)


def _with_laboratory(news: Sequence[NewResult]) -> list[NewResult]:
    unsaid = [new.sample.pk for new in news if new.sample is not None and not new.laboratory]
    known = laboratory_of(unsaid) if unsaid else {}
    return [
        replace(new, laboratory=known.get(new.sample.pk, "")) if new.sample is not None and not new.laboratory else new
        for new in news
    ]


def _recoveries(news: Sequence[NewResult]) -> list[NewResult]:
    """Return the recovery of nucleated cells for each count of a child whose parent was counted."""
    counts = {new.unit.pk: new for new in news if new.assay == "tnc" and new.unit is not None and new.sample is None}
    before = counts_before_processing(list(counts)) if counts else {}
    after = {unit_id: check_value(ASSAYS["tnc"], new.value, new.qualifier).number for unit_id, new in counts.items()}
    return [
        replace(counts[unit_id], assay="tnc_recovery_percent", value=f"{recorded_recovery_percent(count, number):f}")
        for unit_id, count in before.items()
        if (number := after[unit_id]) is not None
    ]


def donors_named_in(news: Sequence[NewResult]) -> list[int]:
    """Return the ids of every donor behind what these results are of, in order."""
    units = [new.unit.pk for new in news if new.unit is not None]
    lots = [new.lot.pk for new in news if new.lot is not None]
    donors = {new.donation.donor_id for new in news if new.donation is not None}
    donors |= set(donors_behind_lots(lots) if lots else ())
    return sorted(donors | set(donors_behind(units) if units else ()))


def _check_not_the_lots(news: Sequence[NewResult]) -> None:
    """Refuse for a vial what its lot carries, unless it is the vial's own."""
    vials = [(new, new.unit) for new in news if new.unit is not None and new.unit.lot_id is not None]
    drawn = drawn_of({unit.pk for _, unit in vials}) if vials else set()
    shared = [
        (new, unit) for new, unit in vials if not is_a_vials_own(new.assay, thawed=unit.thawed, drawn=unit.pk in drawn)
    ]
    carried = assays_carried({unit.lot_id for _, unit in shared if unit.lot_id}) if shared else {}
    reasons = [
        Reason(f"{unit.code}: its lot carries {new.assay}; {OWN_OF_A_VIAL}.", "on-the-lot", "unit")
        for new, unit in shared
        if new.assay in carried.get(unit.lot_id or 0, ())
    ]
    if reasons:
        raise RecordOnTheLot("The results were not recorded.", reasons=reasons)


def _read(new: NewResult, *, at: datetime) -> Value:
    """Return the value as its assay reads it; refuse a wrong subject, a specimen of the future, a wrong value."""
    assay = ASSAYS.get(new.assay)
    if assay is None:
        raise ResultRefused(f"There is no assay “{new.assay}”.", field="assay")
    if not _names_its_subject(new):
        raise ResultRefused(f"{new.assay} of the {new.subject.value} names no such subject.", field="subject")
    if new.sample is not None and not _is_sample_of(new.sample, new):
        raise ResultRefused(f"{new.sample.code} is not a sample of what {new.assay} is a result of.", field="sample")
    if new.specimen_at is not None and new.specimen_at > at:
        raise ResultRefused(f"The specimen of {new.assay} was taken in the future.", field="specimen_at")
    if reasons := [*obstacles_to_texts(LONGEST, vars(new)), *_obstacles_to_reporting(new)]:
        raise ResultRefused(f"{new.assay} cannot be recorded as stated.", reasons=reasons)
    check_subject(assay, new.subject)
    return check_value(assay, new.value, new.qualifier)


def _names_its_subject(new: NewResult) -> bool:
    named = [thing for thing in (new.unit, new.lot, new.donation) if thing is not None]
    meant = {Subject.UNIT: new.unit, Subject.LOT: new.lot}.get(new.subject, new.donation)
    return named == [meant]


def _obstacles_to_reporting(new: NewResult) -> list[Reason]:
    """Only of what came from elsewhere is a result another establishment's; a laboratory that works for us is ours."""
    thing = new.unit or new.donation
    if not new.reported_by or (thing is not None and thing.origin != Origin.OWN):
        return []
    return [Reason("It is of this bank's own: name who measured it as the laboratory.", "own", "reported_by")]


def _is_sample_of(sample: ReferenceSample, new: NewResult) -> bool:
    """Whether a sample is of the birth, the lot, or exactly this unit: another unit's segment proves nothing of it."""
    if new.lot is not None:
        behind = {donation.pk for donation in donations_behind_lots([new.lot.pk])[new.lot.pk]}
        return sample.donation_id in behind and (sample.unit is None or sample.unit.lot_id == new.lot.pk)
    if new.unit is None:
        return new.donation is not None and sample.donation_id == new.donation.pk
    return sample.donation_id == new.unit.donation_id and sample.unit_id in (None, new.unit.pk)


def _obstacles_to_verifying(result: Result, by: Person) -> list[Reason]:
    if result.verified_at is not None:
        return [Reason(f"{result.assay} (result {result.pk}) is verified already.", "already-verified")]
    if result.reported_by:
        text = f"{result.assay} (result {result.pk}) is of {result.reported_by}: quality attests it on its paper."
        return [Reason(text, "reported")]
    if result.entered_by_id == by.pk:
        return [Reason(f"{result.assay} (result {result.pk}) was entered by you: another person verifies it.", "own")]
    return []


def row_of(new: NewResult, *, by: Person, at: datetime) -> Result:
    """Return the row of a result as its assay reads it, not saved. Raises as ``record_results`` does."""
    value = _read(new, at=at)
    return Result(
        assay=new.assay,
        subject=new.subject.value,
        unit=new.unit,
        lot=new.lot,
        donation=new.donation,
        sample=new.sample,
        number=value.number,
        text=value.text,
        qualifier=value.qualifier.value,
        method=new.method,
        instrument=new.instrument,
        laboratory=new.laboratory,
        approved_test=new.approved_test,
        diluted=new.diluted,
        specimen_at=new.specimen_at,
        reported_by=new.reported_by,
        entered_by=by,
        entered_at=at,
    )


def codes_of(of: NewResult | Result) -> list[str]:
    """Return the codes of what a result is of, as subjects of its entries."""
    things = (of.unit, of.lot, of.donation, of.sample)
    donor = [of.donation.donor.donor_code] if of.donation is not None else []
    return [*(thing.code for thing in things if thing is not None), *donor]


def told(result: Result) -> dict[str, object]:
    """Return what the ledger keeps of a result."""
    return {
        "result": result.pk,
        "assay": result.assay,
        "subject": result.subject,
        "number": result.number,
        "text": result.text,
        "qualifier": result.qualifier,
        "specimen_at": result.specimen_at,
        "verified": result.verified_at is not None,
    }


def reopen_verdicts(results: Sequence[Result], *, because: str, by: Person, at: datetime) -> None:
    """Reopen the eligibility that was determined on, or without, these results."""
    donations = sorted({result.donation_id for result in results if result.donation_id is not None})
    if donations:
        reopen_eligibility(donations, because=because, by=by, at=at)


def take_back_acceptance(results: Sequence[Result], *outcomes: Outcome, because: str, by: Person, at: datetime) -> None:
    """Take back the acceptance of units for which a limit that speaks of one of these assays has such an outcome."""
    outside = no_longer_within(units_judged_by(results), {result.assay for result in results}, outcomes)
    if outside:
        reasons = "; ".join(dict.fromkeys(outside.values()))
        take_back(list(outside), because=f"Acceptance was reopened by {because}: {reasons}.", by=by, at=at)
