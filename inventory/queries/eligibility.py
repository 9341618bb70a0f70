"""The evidence of donor eligibility, and the determinations that rest on it."""

from collections.abc import Collection, Iterable

from inventory.domain.assay import ASSAYS, AssayGroup, Qualifier, Subject
from inventory.domain.donation import DonationEvent, DonationPurpose
from inventory.domain.eligibility import (
    EligibilityVerdict,
    Evidence,
    FindingEvidence,
    MarkerEvidence,
    seasonal_markers,
    speaks_for,
)
from inventory.domain.gate_facts import DeterminationFacts
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.result import Result
from inventory.queries.attested import mark_of
from inventory.queries.donation import of_one_birth
from inventory.queries.result import current_results


def evidence_of(donations: Iterable[Donation]) -> dict[int, Evidence]:
    """Return, by donation id, the evidence as it is now: the current results of mother and infant that count.

    What was found of the mother at one donation counts for every donation of the same birth.
    """
    known = {donation.pk: donation for donation in donations}
    births = of_one_birth(known)
    results: dict[int, list[Result]] = {}
    for result in current_results().filter(donation_id__in=set().union(*births.values())).order_by("pk"):
        results.setdefault(result.donation_id or 0, []).append(result)
    return {
        donation_id: _evidence(
            donation,
            [
                result
                for each in births[donation_id]
                for result in results.get(each, ())
                if each == donation_id or _counts_for(donation, result)
            ],
        )
        for donation_id, donation in known.items()
    }


def determinations_of(donation_ids: Collection[int]) -> dict[int, DeterminationFacts | None]:
    """Return the latest determination of each donation, or None where there is none."""
    found: dict[int, DeterminationFacts | None] = dict.fromkeys(donation_ids)
    rows = EligibilityDetermination.objects.filter(donation_id__in=donation_ids).select_related("attestation")
    for row in rows.order_by("pk"):
        found[row.donation_id] = DeterminationFacts(
            verdict=EligibilityVerdict(row.verdict),
            signed=True,
            reopened=row.reopened_at is not None,
            code=f"determination {row.pk}",
            evidence_sha256=row.evidence_sha256,
            reactive=tuple(row.reactive),
            attested_by=mark_of(row.attestation),
        )
    return found


def _counts_for(donation: Donation, result: Result) -> bool:
    """Whether a result of another donation of the same birth counts for this one: the mother's, of its time."""
    if result.subject != Subject.MOTHER or donation.collected_at is None:
        return False
    if ASSAYS[result.assay].group is not AssayGroup.INFECTIOUS_MARKER:
        return True
    return speaks_for(donation.collected_at, specimen_at=result.specimen_at, result=result.text)


def _evidence(donation: Donation, results: Iterable[Result]) -> Evidence:
    by_group: dict[AssayGroup, list[Result]] = {}
    for result in results:
        by_group.setdefault(ASSAYS[result.assay].group, []).append(result)
    collected_at = donation.collected_at or donation.registered_at
    return Evidence(
        collected_at=collected_at,
        markers=tuple(_marker(result) for result in by_group.get(AssayGroup.INFECTIOUS_MARKER, [])),
        findings=tuple(_finding(result) for result in by_group.get(AssayGroup.FINDING, [])),
        autologous=donation.purpose == DonationPurpose.AUTOLOGOUS,
        in_season=seasonal_markers(donation.collection_site.country, collected_at),
        after_death=donation.event == DonationEvent.RECOVERY_AFTER_DEATH,
    )


def _marker(result: Result) -> MarkerEvidence:
    return MarkerEvidence(
        assay=result.assay,
        result=result.text,
        specimen_at=result.specimen_at,
        diluted=result.diluted,
        approved_test=result.approved_test,
        verified=result.verified_at is not None,
        qualifier=Qualifier(result.qualifier),
        reference=f"result {result.pk}",
    )


def _finding(result: Result) -> FindingEvidence:
    return FindingEvidence(
        assay=result.assay,
        risk_found={"risk_found": True, "no_risk": False}.get(result.text),
        verified=result.verified_at is not None,
        reference=f"result {result.pk}",
    )
