"""Donor eligibility: evidence in, verdict and warnings out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.domain.ledger import canonical_json
from inventory.domain.assay import ASSAYS, AssayGroup, MarkerDemand, Qualifier
from inventory.domain.eligibility import (
    EligibilityVerdict,
    Evidence,
    FindingEvidence,
    MarkerEvidence,
    determine,
    evidence_content,
    label_texts,
    speaks_for,
)
from inventory.domain.unit import Use
from tests.factories.time import NOON

V = EligibilityVerdict
REQUIRED = [
    assay.code
    for assay in ASSAYS.values()
    if assay.group is AssayGroup.INFECTIOUS_MARKER and assay.demand is MarkerDemand.REQUIRED
]
FINDINGS = [
    assay.code
    for assay in ASSAYS.values()
    if assay.group is AssayGroup.FINDING and assay.demand is MarkerDemand.REQUIRED
]


def marker(assay: str, result: str = "negative", **others: object) -> MarkerEvidence:
    facts: dict[str, object] = {
        "specimen_at": NOON,
        "diluted": False,
        "approved_test": True,
        "verified": True,
        "reference": f"R-{assay}",
        **others,
    }
    return MarkerEvidence(assay, result, **facts)  # type: ignore[arg-type]


def complete(*changed: MarkerEvidence, **others: object) -> Evidence:
    """Everything done and negative, but for the markers given."""
    instead = {each.assay for each in changed}
    markers = (*(marker(code) for code in REQUIRED if code not in instead), *changed)
    findings = tuple(FindingEvidence(code, risk_found=False, verified=True) for code in FINDINGS)
    return replace(Evidence(NOON, markers, findings), **others)  # type: ignore[arg-type]


def test_complete_and_negative_evidence_is_eligible() -> None:
    found = determine(complete())

    assert (found.verdict, found.reasons, found.reactive) == (V.ELIGIBLE, (), ())


@pytest.mark.parametrize("missing", REQUIRED)
def test_one_missing_required_marker_leaves_it_incomplete(missing: str) -> None:
    evidence = complete()
    without = replace(evidence, markers=tuple(each for each in evidence.markers if each.assay != missing))

    found = determine(without)

    assert found.verdict is V.INCOMPLETE
    assert found.reasons == (f"{ASSAYS[missing].name} is missing",)


@pytest.mark.parametrize("reactive", [code for code in REQUIRED if code != "cmv"] + ["hiv_p24", "chagas", "wnv"])
def test_a_reactive_marker_makes_ineligible_even_when_others_are_missing(reactive: str) -> None:
    alone = Evidence(NOON, (marker(reactive, "positive"),), ())

    assert determine(complete(marker(reactive, "positive"))).verdict is V.INELIGIBLE
    assert determine(alone).verdict is V.INELIGIBLE
    assert determine(alone).reactive == (reactive,)


@pytest.mark.parametrize("informative", ["cmv", "cmv_nat", "anti_hbs", "ebv", "toxo", "pb19_nat"])
def test_cmv_and_informative_markers_do_not_make_ineligible(informative: str) -> None:
    found = determine(complete(marker(informative, "positive")))

    assert (found.verdict, found.reactive) == (V.ELIGIBLE, (informative,))


DAY_7 = timedelta(days=7)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"specimen_at": NOON + DAY_7}, V.ELIGIBLE),
        ({"specimen_at": NOON - DAY_7}, V.ELIGIBLE),
        ({"specimen_at": NOON + DAY_7 + INSTANT}, V.INCOMPLETE),
        ({"specimen_at": NOON - DAY_7 - INSTANT}, V.INCOMPLETE),
        ({"specimen_at": None}, V.INCOMPLETE),
        ({"diluted": True}, V.INCOMPLETE),
        ({"diluted": None}, V.INCOMPLETE),
        ({"approved_test": False}, V.INCOMPLETE),
        ({"approved_test": None}, V.INCOMPLETE),
        ({"verified": False}, V.INCOMPLETE),
        ({"result": "indeterminate"}, V.INCOMPLETE),
        ({"result": "initially_reactive_pending"}, V.INCOMPLETE),
        ({"result": "", "qualifier": Qualifier.NOT_DONE}, V.INCOMPLETE),
        ({"result": "", "qualifier": Qualifier.QUANTITY_INSUFFICIENT}, V.INCOMPLETE),
    ],
)
def test_a_required_marker_counts_only_when_everything_about_it_is_right(
    changed: dict[str, object], expected: EligibilityVerdict
) -> None:
    evidence = complete(replace(marker("hbs_ag"), **changed))  # type: ignore[arg-type]

    assert determine(evidence).verdict is expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [("negative", V.ELIGIBLE), ("indeterminate", V.INCOMPLETE), ("initially_reactive_pending", V.INCOMPLETE)],
)
def test_an_optional_marker_once_begun_must_be_settled(result: str, expected: EligibilityVerdict) -> None:
    assert determine(complete(marker("hiv_p24", result))).verdict is expected


@pytest.mark.parametrize(
    ("in_season", "markers", "expected"),
    [
        (frozenset(), (), V.ELIGIBLE),
        ({"wnv"}, (), V.INCOMPLETE),
        ({"wnv"}, (marker("wnv"),), V.ELIGIBLE),
        ({"wnv"}, (marker("wnv", "positive"),), V.INELIGIBLE),
    ],
)
def test_a_seasonal_marker_is_asked_in_its_season(
    in_season: set[str], markers: Sequence[MarkerEvidence], expected: EligibilityVerdict
) -> None:
    assert determine(complete(*markers, in_season=frozenset(in_season))).verdict is expected


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize(
    ("risk_found", "verified", "expected"),
    [
        (False, True, V.ELIGIBLE),
        (False, False, V.INCOMPLETE),
        (None, True, V.INCOMPLETE),
        (True, True, V.INELIGIBLE),
        (True, False, V.INELIGIBLE),
    ],
)
def test_every_finding_is_asked(
    finding: str, risk_found: bool | None, verified: bool, expected: EligibilityVerdict
) -> None:
    evidence = complete()
    others = tuple(each for each in evidence.findings if each.assay != finding)
    changed = replace(evidence, findings=(*others, FindingEvidence(finding, risk_found, verified)))

    assert determine(changed).verdict is expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ((), V.INCOMPLETE),
        ((FindingEvidence("infant_record", False, verified=False),), V.INCOMPLETE),
        ((FindingEvidence("infant_record", False, verified=True),), V.ELIGIBLE),
        ((FindingEvidence("infant_record", True, verified=True),), V.INELIGIBLE),
    ],
)
def test_after_death_the_infants_own_record_is_asked_besides(
    record: tuple[FindingEvidence, ...], expected: EligibilityVerdict
) -> None:
    birth = complete()
    findings = tuple(each for each in birth.findings if each.assay != "infant_record")
    after_death = replace(birth, findings=(*findings, *record), after_death=True)

    assert determine(after_death).verdict is expected


def test_what_was_determined_of_births_keeps_the_hash_it_was_signed_with() -> None:
    birth = complete()

    assert "after_death" not in evidence_content(birth)
    assert evidence_content(birth) != evidence_content(replace(birth, after_death=True))


@pytest.mark.parametrize(
    ("result", "age", "expected"),
    [
        ("negative", 0, True),
        ("negative", 7, True),
        ("negative", 8, False),
        ("negative", None, False),
        ("positive", 30, True),
        ("indeterminate", 30, True),
        ("", None, True),
    ],
)
def test_a_result_of_the_mothers_other_donation_counts_in_its_time_and_always_when_it_is_not_negative(
    result: str, age: int | None, expected: bool
) -> None:
    specimen_at = None if age is None else NOON - timedelta(days=age)

    assert speaks_for(NOON, specimen_at=specimen_at, result=result) is expected


def test_autologous_needs_no_determination_whatever_the_evidence() -> None:
    found = determine(Evidence(NOON, (marker("hbs_ag", "positive"),), (), autologous=True))

    assert (found.verdict, found.reactive) == (V.NOT_REQUIRED, ("hbs_ag",))


@given(st.permutations(complete().markers), st.permutations(complete().findings))
def test_the_same_evidence_in_any_order_is_the_same_content(
    markers: list[MarkerEvidence], findings: list[FindingEvidence]
) -> None:
    shuffled = replace(complete(), markers=tuple(markers), findings=tuple(findings))

    assert canonical_json(evidence_content(shuffled)) == canonical_json(evidence_content(complete()))


@pytest.mark.parametrize(
    "changed",
    [
        complete(marker("hbs_ag", reference="another result")),
        complete(marker("hbs_ag", specimen_at=NOON - DAY_7)),
        complete(in_season=frozenset({"wnv"})),
        complete(autologous=True),
        complete(findings=()),
        complete(collected_at=NOON + INSTANT),
    ],
)
def test_any_other_evidence_is_another_content(changed: Evidence) -> None:
    assert canonical_json(evidence_content(changed)) != canonical_json(evidence_content(complete()))


BIOHAZARD, ADVISE = "BIOHAZARD", "WARNING: Advise patient of communicable disease risks"
NOT_EVALUATED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"
NONCLINICAL, AUTOLOGOUS = "For Nonclinical Use Only", "FOR AUTOLOGOUS USE ONLY"
REACTIVE = "WARNING: Reactive test results for HBsAg"


@pytest.mark.parametrize(
    ("verdict", "use", "reactive", "evaluated", "texts"),
    [
        (V.ELIGIBLE, Use.HUMAN_APPLICATION, ("cmv",), True, ()),
        (V.ELIGIBLE, Use.LABORATORY, (), True, ()),
        (V.INELIGIBLE, Use.HUMAN_APPLICATION, ("hbs_ag", "cmv"), True, (BIOHAZARD, ADVISE, REACTIVE)),
        (V.INELIGIBLE, Use.LABORATORY, ("hbs_ag",), True, (NONCLINICAL, BIOHAZARD, REACTIVE)),
        (V.INELIGIBLE, Use.LABORATORY, (), True, (NONCLINICAL, BIOHAZARD)),
        (V.INCOMPLETE, Use.HUMAN_APPLICATION, (), False, (NOT_EVALUATED, ADVISE)),
        (None, Use.HUMAN_APPLICATION, (), False, (NOT_EVALUATED, ADVISE)),
        (None, Use.LABORATORY, (), False, (NONCLINICAL, BIOHAZARD, NOT_EVALUATED)),
        (V.NOT_REQUIRED, Use.HUMAN_APPLICATION, (), False, (AUTOLOGOUS, NOT_EVALUATED)),
        (V.NOT_REQUIRED, Use.HUMAN_APPLICATION, (), True, (AUTOLOGOUS,)),
        (V.NOT_REQUIRED, Use.HUMAN_APPLICATION, ("hbs_ag",), True, (AUTOLOGOUS, BIOHAZARD, ADVISE, REACTIVE)),
    ],
)
def test_the_warnings_are_those_of_the_regulation(
    verdict: EligibilityVerdict | None, use: Use, reactive: tuple[str, ...], evaluated: bool, texts: tuple[str, ...]
) -> None:
    assert label_texts(verdict, use, reactive=reactive, evaluated=evaluated) == texts
