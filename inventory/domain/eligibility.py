"""Donor eligibility: the evidence, the verdict it carries, and the warnings that a verdict puts on label and papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inventory.domain.assay import ASSAYS, Assay, AssayGroup, MarkerDemand, Qualifier, Reactive
from inventory.domain.unit import Use

# 21 CFR 1271.80(b): at recovery, or up to seven days before or after it.
SPECIMEN_WINDOW = timedelta(days=7)

# West Nile virus NAT is asked of blood collected in the United States from June to October.
WEST_NILE_COUNTRIES, WEST_NILE_MONTHS = frozenset({"US"}), range(6, 11)

ADVISE = "WARNING: Advise patient of communicable disease risks"
BIOHAZARD = "BIOHAZARD"
NOT_EVALUATED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"
AUTOLOGOUS_ONLY = "FOR AUTOLOGOUS USE ONLY"
NONCLINICAL_ONLY = "For Nonclinical Use Only"
POSITIVE = "positive"


class EligibilityVerdict(StrEnum):
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    INCOMPLETE = "incomplete"
    NOT_REQUIRED = "not_required"


@dataclass(frozen=True)
class MarkerEvidence:
    """One current result of an infectious-disease marker of the mother. None of the yes/no facts means *not assessed*.

    ``reference`` names the result, ``result`` is its code (negative, positive, …).
    """

    assay: str
    result: str
    specimen_at: datetime | None
    diluted: bool | None
    approved_test: bool | None
    verified: bool
    qualifier: Qualifier = Qualifier.MEASURED
    reference: str = ""


@dataclass(frozen=True)
class FindingEvidence:
    """One screening of history, examination or records, of mother or infant (an assay of the group *finding*)."""

    assay: str
    risk_found: bool | None
    verified: bool
    reference: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that a determination rests on. ``in_season`` lists the seasonal markers asked for at this collection.

    ``after_death`` asks for the infant's own record besides; it is still the mother who is tested, since no infant is
    older than 28 days.
    """

    collected_at: datetime
    markers: tuple[MarkerEvidence, ...]
    findings: tuple[FindingEvidence, ...]
    autologous: bool = False
    in_season: frozenset[str] = frozenset()
    after_death: bool = False


@dataclass(frozen=True)
class Determination:
    """The verdict that the evidence carries, why, and which markers were reactive."""

    verdict: EligibilityVerdict
    reasons: tuple[str, ...] = ()
    reactive: tuple[str, ...] = ()


def speaks_for(collected_at: datetime, *, specimen_at: datetime | None, result: str) -> bool:
    """Tell whether a result of the mother, entered for another donation of the same birth, counts for this one.

    One from a specimen that is too old for this collection is no evidence that she is free of anything, and leaves
    nothing open that a later specimen settled; any other answer than negative counts whenever it was taken.
    """
    return result != "negative" or _in_window(specimen_at, collected_at)


def seasonal_markers(country: str, collected_at: datetime) -> frozenset[str]:
    """Return the seasonal markers asked for where and when a donation was collected; ``country`` is its ISO code."""
    in_season = country in WEST_NILE_COUNTRIES and collected_at.month in WEST_NILE_MONTHS
    return frozenset({"wnv"}) if in_season else frozenset()


def determine(evidence: Evidence) -> Determination:
    """Say what the evidence carries. Signing it is a person's.

    A marker that makes ineligible does so whatever else is missing; otherwise anything missing leaves it incomplete.
    """
    reactive = tuple(dict.fromkeys(marker.assay for marker in evidence.markers if _is_reactive(marker)))
    if evidence.autologous:
        return Determination(EligibilityVerdict.NOT_REQUIRED, ("autologous use",), reactive)
    against = _against(evidence)
    missing = _missing(evidence)
    if against:
        return Determination(EligibilityVerdict.INELIGIBLE, (*against, *missing), reactive)
    if missing:
        return Determination(EligibilityVerdict.INCOMPLETE, missing, reactive)
    return Determination(EligibilityVerdict.ELIGIBLE, (), reactive)


def evidence_content(evidence: Evidence) -> Mapping[str, object]:
    """The evidence as one mapping whose canonical form is hashed: the same evidence in any order is the same."""
    return {
        # Said of a recovery only, so that what was determined of births keeps the hash it was signed with.
        **({"after_death": True} if evidence.after_death else {}),
        "autologous": evidence.autologous,
        "collected_at": evidence.collected_at,
        "findings": [_finding_content(finding) for finding in sorted(evidence.findings, key=_order)],
        "in_season": sorted(evidence.in_season),
        "markers": [_marker_content(marker) for marker in sorted(evidence.markers, key=_order)],
    }


def label_texts(
    verdict: EligibilityVerdict | None, use: Use, *, reactive: tuple[str, ...] = (), evaluated: bool = False
) -> tuple[str, ...]:
    """Return the fixed warnings for label and papers (21 CFR 1271.60, .65, .90).

    No determination reads as incomplete. ``evaluated`` says of an autologous donor that every test was done.
    """
    agents = tuple(
        f"WARNING: Reactive test results for {ASSAYS[assay].name}"
        for assay in reactive
        if ASSAYS[assay].reactive is Reactive.INELIGIBLE
    )
    if verdict is EligibilityVerdict.ELIGIBLE:
        return ()
    if verdict is EligibilityVerdict.NOT_REQUIRED:
        untested = () if evaluated else (NOT_EVALUATED,)
        return (AUTOLOGOUS_ONLY, *untested, *((BIOHAZARD, ADVISE, *agents) if agents else ()))
    untested = () if verdict is EligibilityVerdict.INELIGIBLE else (NOT_EVALUATED,)
    if use is Use.LABORATORY:
        return (NONCLINICAL_ONLY, BIOHAZARD, *untested, *agents)
    return (*untested, *(() if untested else (BIOHAZARD,)), ADVISE, *agents)


def _against(evidence: Evidence) -> tuple[str, ...]:
    markers = [
        f"{ASSAYS[marker.assay].name} is reactive"
        for marker in evidence.markers
        if _is_reactive(marker) and ASSAYS[marker.assay].reactive is Reactive.INELIGIBLE
    ]
    findings = [f"{ASSAYS[each.assay].name}: a risk was found" for each in evidence.findings if each.risk_found]
    return (*dict.fromkeys(markers), *findings)


def _missing(evidence: Evidence) -> tuple[str, ...]:
    answered = {each.assay for each in evidence.findings if each.risk_found is not None and each.verified}
    markers = [reason for assay in _asked(evidence) for reason in _missing_of(assay, evidence)]
    findings = [
        f"{assay.name} is not recorded and verified"
        for assay in ASSAYS.values()
        if _is_asked_finding(assay, evidence) and assay.code not in answered
    ]
    return (*markers, *findings)


def _is_asked_finding(assay: Assay, evidence: Evidence) -> bool:
    if assay.group is not AssayGroup.FINDING:
        return False
    return assay.demand is not MarkerDemand.AFTER_DEATH or evidence.after_death


def _asked(evidence: Evidence) -> list[Assay]:
    """The markers that must be there: required, in season, and every optional one that was begun and is open."""
    begun = {marker.assay for marker in evidence.markers if marker.result and not _is_settled(marker)}
    return [
        assay
        for assay in ASSAYS.values()
        if assay.group is AssayGroup.INFECTIOUS_MARKER and _is_asked(assay, begun, evidence.in_season)
    ]


def _is_asked(assay: Assay, begun: set[str], in_season: frozenset[str]) -> bool:
    if assay.demand is MarkerDemand.SEASONAL:
        return assay.code in in_season
    return assay.demand is MarkerDemand.REQUIRED or (assay.reactive is Reactive.INELIGIBLE and assay.code in begun)


def _missing_of(assay: Assay, evidence: Evidence) -> list[str]:
    results = [marker for marker in evidence.markers if marker.assay == assay.code]
    if not results:
        return [f"{assay.name} is missing"]
    return [f"{assay.name}: {fault}" for marker in results for fault in _faults(marker, evidence.collected_at)]


def _faults(marker: MarkerEvidence, collected_at: datetime) -> list[str]:
    """Why a result does not count; a diluted specimen counts as missing."""
    checks = (
        (_is_settled(marker), "no settled result"),
        (marker.verified, "not verified by a second person"),
        (marker.approved_test is True, "not an approved test in a certified laboratory"),
        (marker.diluted is not None, "plasma dilution not assessed"),
        (marker.diluted is not True, "specimen diluted"),
        (_in_window(marker.specimen_at, collected_at), "specimen not within 7 days of collection"),
    )
    return [fault for holds, fault in checks if not holds]


def _in_window(specimen_at: datetime | None, collected_at: datetime) -> bool:
    return specimen_at is not None and abs(specimen_at - collected_at) <= SPECIMEN_WINDOW


def _is_settled(marker: MarkerEvidence) -> bool:
    return marker.qualifier is Qualifier.MEASURED and marker.result in ("negative", "positive")


def makes_reactive(assay: str, result: str, qualifier: str) -> bool:
    """Whether this is a reactive infectious-disease marker of the kind that makes a donor ineligible."""
    return (
        assay in ASSAYS
        and ASSAYS[assay].reactive is Reactive.INELIGIBLE
        and ASSAYS[assay].group is AssayGroup.INFECTIOUS_MARKER
        and qualifier == Qualifier.MEASURED
        and result == POSITIVE
    )


def _is_reactive(marker: MarkerEvidence) -> bool:
    return marker.qualifier is Qualifier.MEASURED and marker.result == POSITIVE


def _order(piece: MarkerEvidence | FindingEvidence) -> tuple[str, str]:
    return piece.assay, piece.reference


def _finding_content(finding: FindingEvidence) -> Mapping[str, object]:
    return {
        "assay": finding.assay,
        "reference": finding.reference,
        "risk_found": finding.risk_found,
        "verified": finding.verified,
    }


def _marker_content(marker: MarkerEvidence) -> Mapping[str, object]:
    return {
        "approved_test": marker.approved_test,
        "assay": marker.assay,
        "diluted": marker.diluted,
        "qualifier": marker.qualifier.value,
        "reference": marker.reference,
        "result": marker.result,
        "specimen_at": marker.specimen_at,
        "verified": marker.verified,
    }
