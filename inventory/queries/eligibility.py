"""The evidence of donor eligibility, and the determinations that rest on it."""

from collections.abc import Collection, Iterable

from inventory.domain.assay import ASSAYS, AssayGroup, Qualifier
from inventory.domain.eligibility import EligibilityVerdict, Evidence, FindingEvidence, MarkerEvidence, seasonal_markers
from inventory.domain.gate_facts import DeterminationFacts
from inventory.models.donation import Donation
from inventory.models.eligibility import EligibilityDetermination
from inventory.models.result import Result
from inventory.queries.result import current_results


def evidence_of(donations: Iterable[Donation]) -> dict[int, Evidence]:
    """Return, by donation id, the evidence as it is now: the current results of mother and infant that count."""
    known = {donation.pk: donation for donation in donations}
    results: dict[int, list[Result]] = {donation_id: [] for donation_id in known}
    for result in current_results().filter(donation_id__in=known).order_by("pk"):
        results[result.donation_id or 0].append(result)
    return {donation_id: _evidence(donation, results[donation_id]) for donation_id, donation in known.items()}


def determinations_of(donation_ids: Collection[int]) -> dict[int, DeterminationFacts | None]:
    """Return the latest determination of each donation, or None where there is none."""
    found: dict[int, DeterminationFacts | None] = dict.fromkeys(donation_ids)
    rows = EligibilityDetermination.objects.filter(donation_id__in=donation_ids).order_by("pk")
    for row in rows:
        found[row.donation_id] = DeterminationFacts(
            verdict=EligibilityVerdict(row.verdict),
            signed=True,
            reopened=row.reopened_at is not None,
            code=f"determination {row.pk}",
            evidence_sha256=row.evidence_sha256,
            reactive=tuple(row.reactive),
        )
    return found


def _evidence(donation: Donation, results: Iterable[Result]) -> Evidence:
    by_group: dict[AssayGroup, list[Result]] = {}
    for result in results:
        by_group.setdefault(ASSAYS[result.assay].group, []).append(result)
    collected_at = donation.collected_at or donation.registered_at
    return Evidence(
        collected_at=collected_at,
        markers=tuple(_marker(result) for result in by_group.get(AssayGroup.INFECTIOUS_MARKER, [])),
        findings=tuple(_finding(result) for result in by_group.get(AssayGroup.FINDING, [])),
        autologous=donation.purpose == "autologous",
        in_season=seasonal_markers(donation.collection_site.country, collected_at),
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
