"""The nine gates, one function each: facts in, one finding out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from consent.domain.decision import why_not_active
from consent.domain.permitted_use import Verdict
from inventory.domain.criterion_rules import CriterionFacts, CriterionFinding, judge_criteria
from inventory.domain.eligibility import EligibilityVerdict, label_texts
from inventory.domain.expiry import UNDECIDED, Expiry, ExpiryBasis, is_expired
from inventory.domain.finding import Finding, Gate
from inventory.domain.gate_facts import DeterminationFacts, DonorFacts, GateFacts, ReservationFacts
from inventory.domain.kinship import THE_INFANT, fits, is_close
from inventory.domain.product_code import is_for_human_application
from inventory.domain.protocol import ProtocolFacts, obstacles_to_product, obstacles_to_protocol
from inventory.domain.release import ReleaseKind, obstacles_to_signers
from inventory.domain.specification import (
    ACCEPTANCE_STAGES,
    RELEASE_STAGES,
    LimitFinding,
    Measurement,
    SampleSource,
    evaluate,
)
from inventory.domain.unit import ProductClass, Use
from inventory.domain.verdict import Outcome, worst

OUTCOME_OF = {Verdict.ALLOW: Outcome.PASS, Verdict.REVIEW: Outcome.UNKNOWN, Verdict.DENY: Outcome.FAIL}
ASKS_FOR_CONFIRMED_TYPING = frozenset({ProductClass.CORD_BLOOD})
TYPING_ASSAY = "hla_identity"
TYPING_CONFIRMED = "confirmed"
WAIVE_QUALITY = frozenset({ReleaseKind.EXCEPTIONAL, ReleaseKind.URGENT})
WAIVE_ELIGIBILITY = frozenset({ReleaseKind.URGENT})


def consent_covers_the_study(facts: GateFacts) -> Finding:
    """Every donor behind the unit: full, active consent for this purpose, human application granted where asked."""
    judged = [_consent_of(donor) for donor in facts.donors]
    consents = [code for donor in facts.donors if donor.permitted_use for code in donor.permitted_use.consents]
    return _together(Gate.CONSENT, judged, "consent covers the study", tuple(consents), nothing="no donor is known")


def donors_are_eligible(facts: GateFacts) -> Finding:
    """Every donation's determination fits the use, or the use is laboratory and the warnings say so."""
    judged = [_eligibility_of(donor, facts) for donor in facts.donors]
    known = [donor.determination for donor in facts.donors if donor.determination is not None]
    evidence = tuple(text for each in known for text in (each.code, each.attested_by))
    found = _together(Gate.ELIGIBILITY, judged, "donor eligible for this use", evidence, nothing="no donor known")
    refused = [
        donor.determination
        for donor, (outcome, _) in zip(facts.donors, judged, strict=True)
        if outcome is not Outcome.PASS
    ]
    waivable = bool(refused) and not any(_is_not_required(determination) for determination in refused)
    return replace(
        found,
        waivable_by=WAIVE_ELIGIBILITY if waivable else frozenset(),
        warnings=tuple(dict.fromkeys(text for donor in facts.donors for text in _warnings(donor.determination, facts))),
    )


def quality_is_within_specification(facts: GateFacts) -> Finding:
    """Every mandatory assay and computed value present, verified and within limits; no major deviation open."""
    unit = facts.unit
    early = evaluate(unit.acceptance_limits, unit.measurements, *ACCEPTANCE_STAGES)
    late = evaluate(unit.release_limits, unit.measurements, *RELEASE_STAGES)
    acceptance = worst([_named(unit.specification), *(each.outcome for each in early)])
    release = worst([_named(unit.release_specification), *(each.outcome for each in late)])
    open_ones = [each for each in (*early, *late) if each.outcome is not Outcome.PASS]
    reasons = [each.reason for each in open_ones]
    is_held_to_some = bool(unit.specification and unit.release_specification)
    if not is_held_to_some:
        reasons.append("no specification applies")
    deviations = [each.code for each in facts.deviations if each.major]
    if deviations:
        reasons.append(f"major deviation {', '.join(deviations)} is open")
    stopped = [Outcome.FAIL] if deviations else []
    outcome = worst([acceptance, release, *stopped])
    return Finding(
        Gate.QUALITY,
        outcome,
        "; ".join(reasons) or "within specification",
        tuple(dict.fromkeys(line for each in (*early, *late) for line in each.evidence)),
        tuple(criterion_code(each) for each in open_ones),
        acceptance_stage=worst([acceptance, *stopped]),
        # What is waived is named, criterion by criterion: without a specification there is nothing to name.
        waivable_by=frozenset() if deviations or outcome is Outcome.PASS or not is_held_to_some else WAIVE_QUALITY,
    )


def typing_is_confirmed(facts: GateFacts) -> Finding:
    """The attached segment's identity, where the product class asks it."""
    if facts.unit.product_class not in ASKS_FOR_CONFIRMED_TYPING:
        return Finding(Gate.TYPING, Outcome.PASS, "not asked of this product")
    results = [each for each in facts.unit.measurements if _is_segment_identity(each)]
    judged = [_typing(each) for each in results]
    evidence = tuple(each.reference for each in results)
    return _together(Gate.TYPING, judged, "identity confirmed", evidence, nothing="attached segment not yet typed")


def expiry_is_not_passed(facts: GateFacts, at: datetime) -> Finding:
    """Assigned and not passed, or explicitly not assigned by policy; of a vial the lot's, and its own if it has one.

    No expiry was assigned for what was thawed: it is used at once, or not at all.
    """
    expiries = [("its lot", facts.lot.expiry)] if facts.lot else []
    if facts.lot is None or facts.unit.expiry != UNDECIDED:
        expiries = [("the unit", facts.unit.expiry), *expiries]
    judged = [_expiry(whose, expiry, at) for whose, expiry in expiries]
    judged += [(Outcome.FAIL, "the unit was thawed")] if facts.unit.thawed else []
    return _together(Gate.EXPIRY, judged, "not expired", (), nothing="")


def no_hold_is_open(facts: GateFacts) -> Finding:
    """None on the unit, its lot, any ancestor, any of their donations, or the mother."""
    if not facts.holds:
        return Finding(Gate.HOLDS, Outcome.PASS, "no hold is open")
    reasons = [f"hold {hold.code} ({hold.kind.value.replace('_', ' ')}) on {hold.lies_on}" for hold in facts.holds]
    return Finding(Gate.HOLDS, Outcome.FAIL, "; ".join(reasons), tuple(hold.code for hold in facts.holds))


def reserved_for_this_request(facts: GateFacts, at: datetime) -> Finding:
    """Active, and for this request."""
    if facts.request is None:
        return Finding(Gate.RESERVATION, Outcome.UNKNOWN, "no request")
    reservation = facts.reservation
    if reservation is None or not _is_active(reservation, at):
        return Finding(Gate.RESERVATION, Outcome.FAIL, "not reserved now")
    if reservation.request != facts.request.reference:
        return Finding(Gate.RESERVATION, Outcome.FAIL, "reserved for another request")
    return Finding(Gate.RESERVATION, Outcome.PASS, "reserved for this request", (reservation.request,))


def protocol_takes_the_unit(facts: GateFacts, at: datetime) -> Finding:
    """The protocol, its approvals and site in force; product and use fit; criteria met; caps not reached."""
    protocol, request = facts.protocol, facts.request
    if protocol is None or request is None:
        return Finding(Gate.PROTOCOL, Outcome.UNKNOWN, "no request under a protocol")
    unit = facts.unit
    obstacles = obstacles_to_protocol(protocol, on=at.astimezone(UTC).date())
    obstacles += obstacles_to_product(
        protocol,
        unit.product_class,
        accepted=unit.accepted_use,
        for_humans=is_for_human_application(unit.collection_type),
        kind_answers=request.kind is not ReleaseKind.NORMAL,
    )
    obstacles += _not_its_recipient(facts)
    asked = CriterionFacts(unit.code, unit.measurements, request.recipient, request.units_together, request.typings)
    judged = tuple(judge_criteria(protocol.criteria, asked, at=at))
    return _of_protocol(protocol, obstacles, [each for each in judged if each.outcome is not Outcome.PASS])


def _not_its_recipient(facts: GateFacts) -> list[str]:
    """Return of each donation behind the unit that is for one recipient alone that this is somebody else."""
    return [
        f"{donor.din}: {donor.purpose.value}, and given for another recipient"
        for donor in facts.donors
        if not fits(donor.purpose, donor.degree)
    ]


def people_may_sign(facts: GateFacts) -> Finding:
    """Signers hold the role, trained, distinct, not the requester; enough of them for the step."""
    people = facts.people
    if facts.request is None:
        return Finding(Gate.PEOPLE, Outcome.UNKNOWN, "no request")
    evidence = tuple(f"{signer.meaning.value} {signer.username}" for signer in people.signers)
    request = facts.request
    if obstacles := obstacles_to_signers(
        people.signers, requested_by=request.requested_by, kind=request.kind, stated_by=request.stated_by
    ):
        return Finding(Gate.PEOPLE, Outcome.FAIL, "; ".join(obstacles), evidence)
    if not people.signers or len(people.signers) < people.needed:
        reason = f"{len(people.signers)} of {people.needed} signatures"
        return Finding(Gate.PEOPLE, Outcome.UNKNOWN, reason, evidence)
    return Finding(Gate.PEOPLE, Outcome.PASS, "signers may sign", evidence)


def criterion_code(finding: LimitFinding) -> str:
    return f"{finding.limit.stage.value}:{finding.limit.assay}"


def _together(
    gate: Gate, judged: list[tuple[Outcome, str]], good: str, evidence: tuple[str, ...], *, nothing: str
) -> Finding:
    """The worst of several judgements with the reasons of all that do not pass; nothing to judge is unknown."""
    if not judged:
        return Finding(gate, Outcome.UNKNOWN, nothing)
    reasons = [reason for outcome, reason in judged if outcome is not Outcome.PASS]
    outcome = worst(outcome for outcome, _ in judged)
    return Finding(gate, outcome, "; ".join(reasons) or good, tuple(dict.fromkeys(filter(None, evidence))))


def _consent_of(donor: DonorFacts) -> tuple[Outcome, str]:
    if donor.permitted_use is None:
        against = (why_not_active(donor.standing),) if donor.standing else ()
        return Outcome.UNKNOWN, f"{donor.donor_code}: {_clauses((*against, 'no purpose is known yet'))}"
    use = donor.permitted_use
    return OUTCOME_OF[use.verdict], f"{donor.donor_code}: {_clauses(use.reasons) or use.verdict.value}"


def _clauses(sentences: Iterable[str]) -> str:
    """Return sentences as clauses of one that ends elsewhere."""
    return "; ".join(each.removesuffix(".") for each in sentences if each)


def _eligibility_of(donor: DonorFacts, facts: GateFacts) -> tuple[Outcome, str]:
    if _is_for_laboratory(facts):
        return Outcome.PASS, ""
    determination = donor.determination
    if determination is None or not determination.signed:
        return Outcome.UNKNOWN, f"{donor.din}: eligibility not determined and signed"
    if determination.reopened:
        return Outcome.UNKNOWN, f"{donor.din}: eligibility reopened"
    return _verdict(donor, determination.verdict)


def _verdict(donor: DonorFacts, verdict: EligibilityVerdict) -> tuple[Outcome, str]:
    din = donor.din
    if verdict is EligibilityVerdict.ELIGIBLE:
        return Outcome.PASS, ""
    if verdict is EligibilityVerdict.INCOMPLETE:
        return Outcome.UNKNOWN, f"{din}: eligibility incomplete"
    if verdict is EligibilityVerdict.NOT_REQUIRED:
        own = donor.degree == THE_INFANT
        return (Outcome.PASS if own else Outcome.FAIL), f"{din}: autologous, and the recipient is not the infant"
    return (Outcome.PASS if is_close(donor.degree) else Outcome.FAIL), f"{din}: donor ineligible"


def _warnings(determination: DeterminationFacts | None, facts: GateFacts) -> tuple[str, ...]:
    use = Use.LABORATORY if _is_for_laboratory(facts) else Use.HUMAN_APPLICATION
    if determination is None:
        return label_texts(None, use)
    verdict = EligibilityVerdict.INCOMPLETE if determination.reopened else determination.verdict
    return label_texts(verdict, use, reactive=determination.reactive)


def _is_not_required(determination: DeterminationFacts | None) -> bool:
    return determination is not None and determination.verdict is EligibilityVerdict.NOT_REQUIRED


def _is_for_laboratory(facts: GateFacts) -> bool:
    if facts.protocol is not None:
        return not facts.protocol.human_application
    return facts.unit.accepted_use is Use.LABORATORY


def _named(specification: str) -> Outcome:
    return Outcome.PASS if specification else Outcome.UNKNOWN


def _is_segment_identity(measurement: Measurement) -> bool:
    return measurement.assay == TYPING_ASSAY and measurement.taken_from is SampleSource.ATTACHED_SEGMENT


def _typing(measurement: Measurement) -> tuple[Outcome, str]:
    if not measurement.verified:
        return Outcome.UNKNOWN, "segment typing awaits verification"
    if not measurement.text:
        return Outcome.UNKNOWN, "attached segment not yet typed"
    confirmed = measurement.text == TYPING_CONFIRMED
    return (Outcome.PASS if confirmed else Outcome.FAIL), "the attached segment is not the unit's: mismatch"


def _expiry(whose: str, expiry: Expiry, at: datetime) -> tuple[Outcome, str]:
    if expiry.basis is ExpiryBasis.NOT_ASSIGNED and expiry.at is None:
        return Outcome.PASS, ""
    if expiry.basis is None or expiry.at is None:
        return Outcome.UNKNOWN, f"no expiry of {whose} has been decided"
    passed = is_expired(expiry, at)
    return (Outcome.FAIL if passed else Outcome.PASS), f"{whose} expired on {expiry.at:%Y-%m-%d %H:%M %Z}"


def _is_active(reservation: ReservationFacts, at: datetime) -> bool:
    return reservation.active and (reservation.lapses_at is None or at < reservation.lapses_at)


def _of_protocol(protocol: ProtocolFacts, obstacles: list[str], open_ones: list[CriterionFinding]) -> Finding:
    stopped = [Outcome.FAIL] if obstacles else []
    validities = (protocol.ethics, protocol.regulatory, protocol.agreement)
    return Finding(
        Gate.PROTOCOL,
        worst([*stopped, *(each.outcome for each in open_ones)]),
        "; ".join([*obstacles, *(each.reason for each in open_ones)]) or "the protocol takes this unit",
        (f"{protocol.code} {protocol.version}", *(each.number for each in validities if each is not None)),
        tuple(each.criterion.code for each in open_ones),
    )
