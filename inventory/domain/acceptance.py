"""Acceptance of a unit for a use: the first of two release stages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.gate_facts import DeterminationFacts
from inventory.domain.retest import Left, obstacles_left
from inventory.domain.sample import SampleRole
from inventory.domain.specification import ACCEPTANCE_STAGES, Limit, Measurement, evaluate
from inventory.domain.unit import ProductClass, UnitState, Use
from inventory.domain.verdict import Outcome

# The least that must be in store so that a unit can be tested later; bank policy by product class.
LEAST_SAMPLES: Mapping[ProductClass, Mapping[SampleRole, int]] = {
    ProductClass.CORD_BLOOD: {SampleRole.SEGMENT: 2, SampleRole.DNA: 1, SampleRole.MATERNAL_SERUM: 1},
}


class NotAcceptable(RuleViolation):
    code = "not-acceptable"
    title = "This unit cannot be accepted for that use"
    mend = "Settle every obstacle listed, or accept it for laboratory use."


@dataclass(frozen=True)
class DonorConsent:
    """What acceptance asks of one donor's consent: in force, on a full form, and what it grants."""

    donor_code: str
    full: bool
    human_application: bool
    research: bool


@dataclass(frozen=True)
class AcceptanceFacts:
    """What is known of one unit when it is to be accepted.

    ``specification`` names the version in force for its class and the use, "" where there is none. ``samples`` counts
    the reference samples in store by role. ``accepted_before`` is the lowest use it was ever accepted for;
    ``rejected_at_receipt`` says that the bank's criteria refused it, or what it was made from;
    ``for_human_application`` is what its collection type says, None where that is not known; ``unsettled`` is what
    excursions and deviations left of it and of all behind it, to be discarded or tested first, and no test settled.
    """

    unit: str
    product_class: ProductClass
    state: UnitState
    specification: str
    limits: tuple[Limit, ...]
    measurements: tuple[Measurement, ...]
    determinations: tuple[DeterminationFacts | None, ...]
    consents: tuple[DonorConsent, ...]
    samples: Mapping[SampleRole, int]
    placed: bool
    for_human_application: bool | None = True
    accepted_before: Use | None = None
    thawed: bool = False
    rejected_at_receipt: bool = False
    unsettled: tuple[Left, ...] = ()


def obstacles_to_accepting(use: Use, facts: AcceptanceFacts) -> list[Reason]:
    """Return every reason why the unit cannot be accepted for the use.

    Holds do not stop acceptance: a hold stops reserving, signing, picking and shipping.
    """
    reasons = [*_common(facts), *obstacles_of_decisions(use, facts), *_results(facts)]
    consent = obstacles_of_consent(use, facts.consents)
    if use is Use.LABORATORY:
        return [*reasons, *consent]
    return [*reasons, *_collection_type(facts), *_eligibility(facts), *consent, *_samples(facts)]


def check_accepting(use: Use, facts: AcceptanceFacts) -> None:
    if reasons := obstacles_to_accepting(use, facts):
        raise NotAcceptable(f"{facts.unit} cannot be accepted for {use.value.replace('_', ' ')}.", reasons=reasons)


def _common(facts: AcceptanceFacts) -> list[Reason]:
    checks = (
        (facts.state is UnitState.QUARANTINED, f"It is {facts.state.value}, not quarantined.", "state"),
        (facts.placed, "It has no place in store.", "not-placed"),
        (bool(facts.specification), "No specification is in force for this product and use.", "no-specification"),
        (bool(facts.consents), "No donor is known.", "no-donor"),
        (not facts.thawed, "It was thawed: it is used up or discarded, and never goes back to stock.", "thawed"),
    )
    return [Reason(text, code=code) for holds, text, code in checks if not holds]


def obstacles_of_decisions(use: Use, facts: AcceptanceFacts) -> list[Reason]:
    """Return what the bank itself has decided against the use, which no acceptance and no exception undoes."""
    reasons = []
    if facts.rejected_at_receipt:
        reasons.append(Reason("It, or what it was made from, was rejected at receipt.", code="rejected"))
    if use is Use.HUMAN_APPLICATION and facts.accepted_before is Use.LABORATORY:
        reasons.append(Reason("It was accepted for laboratory use: the use only ever goes down.", code="use-goes-down"))
    return [*reasons, *obstacles_left(facts.unsettled)]


def _results(facts: AcceptanceFacts) -> list[Reason]:
    return [
        Reason(f"{finding.reason}.", code=f"{finding.outcome.value}-{finding.limit.assay}", field=finding.limit.assay)
        for finding in evaluate(facts.limits, facts.measurements, *ACCEPTANCE_STAGES)
        if finding.outcome is not Outcome.PASS
    ]


def _collection_type(facts: AcceptanceFacts) -> list[Reason]:
    if facts.for_human_application is None:
        text = "Its collection type is not known: it has no product code that could be read."
        return [Reason(text, code="collection-type-unknown")]
    if not facts.for_human_application:
        return [Reason("Its collection type says: not for human application.", code="collection-type")]
    return []


def _eligibility(facts: AcceptanceFacts) -> list[Reason]:
    determined = (EligibilityVerdict.ELIGIBLE, EligibilityVerdict.INELIGIBLE, EligibilityVerdict.NOT_REQUIRED)
    settled = [
        each is not None and each.signed and not each.reopened and each.verdict in determined
        for each in facts.determinations
    ]
    if settled and all(settled):
        return []
    return [Reason("Donor eligibility is not determined, signed and standing.", code="eligibility")]


def obstacles_of_consent(use: Use, consents: Iterable[DonorConsent]) -> list[Reason]:
    """Return every donor without a full consent in force that allows the use."""
    asked = "human application" if use is Use.HUMAN_APPLICATION else "research"
    return [
        Reason(f"{consent.donor_code}: no full consent in force that allows {asked}.", code="consent")
        for consent in consents
        if not (consent.full and (consent.human_application if use is Use.HUMAN_APPLICATION else consent.research))
    ]


def _samples(facts: AcceptanceFacts) -> list[Reason]:
    least = LEAST_SAMPLES.get(facts.product_class, {})
    return [
        Reason(f"{facts.samples.get(role, 0)} of {count} {role.value.replace('_', ' ')} in store.", code="samples")
        for role, count in least.items()
        if facts.samples.get(role, 0) < count
    ]
