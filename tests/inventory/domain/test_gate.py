"""The gates together: which bind when, what is listed, what is signed."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.domain.ledger import canonical_json
from inventory.domain.gate import (
    Finding,
    Gate,
    GateFacts,
    NotReleasable,
    Outcome,
    PeopleFacts,
    Step,
    WorklistLine,
    check_gates,
    evaluate,
    obstacles_at,
    snapshot,
    worklist,
)
from inventory.domain.release import ReleaseKind
from tests.factories.time import NOON, hours
from tests.inventory.domain.gate_examples import GOOD, IDENTITY, REVIEWER, TNC, UNIT, UNIT_FACTS, with_unit

PASS, UNKNOWN, FAIL = Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL
EARLY = (Step.REQUEST, Step.APPROVAL)
MUST_PASS_AT_REQUEST = {Gate.CONSENT, Gate.ELIGIBILITY, Gate.EXPIRY, Gate.HOLDS, Gate.PROTOCOL}


def all_passing() -> dict[Gate, Finding]:
    findings = {gate: Finding(gate, PASS, "fine") for gate in Gate}
    return findings | {Gate.QUALITY: Finding(Gate.QUALITY, PASS, "fine", acceptance_stage=PASS)}


def stands(step: Step, finding: Finding) -> bool:
    findings = all_passing() | {finding.gate: finding}
    return [each.gate for each in obstacles_at(step, findings.values())] == [finding.gate]


@pytest.mark.parametrize("step", Step)
def test_nothing_stands_in_the_way_when_all_nine_pass(step: Step) -> None:
    assert obstacles_at(step, all_passing().values()) == ()


@pytest.mark.parametrize(
    ("gate", "outcome"), [each for each in itertools.product(Gate, (UNKNOWN, FAIL)) if each[0] is not Gate.QUALITY]
)
def test_the_table_of_which_gates_bind_when(gate: Gate, outcome: Outcome) -> None:
    finding = Finding(gate, outcome, "not fine")

    binding = {step for step in Step if stands(step, finding)}

    expected = set(Step) - set(EARLY)
    if gate in MUST_PASS_AT_REQUEST or (gate is Gate.TYPING and outcome is FAIL):
        expected |= set(EARLY)
    if gate is Gate.RESERVATION:
        expected |= {Step.APPROVAL}
    assert binding == expected


@pytest.mark.parametrize(
    ("outcome", "acceptance_stage", "binds_early", "binds_late"),
    [
        (PASS, PASS, False, False),
        (UNKNOWN, PASS, False, True),
        (FAIL, PASS, True, True),
        (UNKNOWN, UNKNOWN, True, True),
        (FAIL, FAIL, True, True),
        (UNKNOWN, None, True, True),
    ],
)
def test_before_signing_only_the_release_stage_of_gate_3_may_be_unknown(
    outcome: Outcome, acceptance_stage: Outcome | None, binds_early: bool, binds_late: bool
) -> None:
    finding = Finding(Gate.QUALITY, outcome, "quality", acceptance_stage=acceptance_stage)

    assert all(stands(step, finding) is (binds_early if step in EARLY else binds_late) for step in Step)


findings_of_gate_3 = st.builds(
    lambda acceptance, release: Finding(
        Gate.QUALITY,
        max(acceptance, release, key=lambda outcome: outcome.severity),
        "quality",
        acceptance_stage=acceptance,
    ),
    st.sampled_from(Outcome),
    st.sampled_from(Outcome),
)


@given(
    st.sampled_from(Step),
    st.fixed_dictionaries({gate: st.sampled_from(Outcome) for gate in Gate}),
    findings_of_gate_3,
    st.sampled_from(Gate),
    st.sampled_from(Outcome),
    st.sampled_from(ReleaseKind),
)
def test_making_any_answer_worse_never_allows_more(
    step: Step, outcomes: dict[Gate, Outcome], quality: Finding, gate: Gate, other: Outcome, kind: ReleaseKind
) -> None:
    findings = {each: Finding(each, outcome, "") for each, outcome in outcomes.items()} | {Gate.QUALITY: quality}
    before = {each.gate for each in obstacles_at(step, findings.values(), kind)}
    worse = max(findings[gate].outcome, other, key=lambda outcome: outcome.severity)
    stage = worse if gate is Gate.QUALITY and other is worse else findings[gate].acceptance_stage
    findings[gate] = replace(findings[gate], outcome=worse, acceptance_stage=stage)

    after = {each.gate for each in obstacles_at(step, findings.values(), kind)}

    assert before <= after


@pytest.mark.parametrize("gate", Gate)
def test_a_gate_that_nobody_answered_refuses_a_signature(gate: Gate) -> None:
    findings = [finding for finding in all_passing().values() if finding.gate is not gate]

    assert [each.gate for each in obstacles_at(Step.FIRST_SIGNATURE, findings)] == [gate]


@pytest.mark.parametrize(
    ("kind", "waived"),
    [
        (ReleaseKind.NORMAL, set()),
        (ReleaseKind.EXCEPTIONAL, {Gate.QUALITY}),
        (ReleaseKind.URGENT, {Gate.QUALITY, Gate.ELIGIBILITY}),
    ],
)
def test_each_kind_of_release_waives_what_the_table_says_and_nothing_else(kind: ReleaseKind, waived: set[Gate]) -> None:
    facts = replace(with_unit(measurements=()), donors=(replace(GOOD.donors[0], determination=None),))
    without = evaluate(facts, NOON)

    standing = {each.gate for each in obstacles_at(Step.SECOND_SIGNATURE, without, kind)}

    assert standing == {Gate.ELIGIBILITY, Gate.QUALITY, Gate.TYPING, Gate.PROTOCOL} - waived


def test_the_refusal_lists_every_obstacle_of_every_unit() -> None:
    poor = evaluate(with_unit(measurements=()), NOON)

    with pytest.raises(NotReleasable) as refused:
        check_gates(Step.PICK, {"U1": poor, "U2": evaluate(GOOD, NOON), "U3": poor})

    assert [(reason.field, reason.code) for reason in refused.value.reasons] == [
        ("U1", "gate-3-unknown"),
        ("U1", "gate-4-unknown"),
        ("U1", "gate-8-unknown"),
        ("U3", "gate-3-unknown"),
        ("U3", "gate-4-unknown"),
        ("U3", "gate-8-unknown"),
    ]
    assert "U1: gate 4 (typing confirmed): attached segment not yet typed." in str(refused.value)


def test_units_without_obstacles_go_forward_and_no_units_do_not() -> None:
    check_gates(Step.HAND_OVER, {"U1": evaluate(GOOD, NOON)})

    with pytest.raises(NotReleasable):
        check_gates(Step.HAND_OVER, {})


def test_each_unknown_that_approval_tolerates_becomes_a_line_of_work() -> None:
    facts = with_unit(measurements=(TNC,))

    assert worklist(evaluate(facts, NOON)) == (
        WorklistLine(Gate.QUALITY, "Viability of CD34+ cells (post thaw)"),
        WorklistLine(Gate.TYPING, "attached segment not yet typed"),
    )
    assert obstacles_at(Step.APPROVAL, evaluate(facts, NOON)) == ()


def test_what_has_no_name_becomes_a_line_in_its_own_words() -> None:
    unnamed = Finding(Gate.QUALITY, UNKNOWN, "no specification applies", criteria=("post_thaw:own_test",))
    unexplained = Finding(Gate.QUALITY, UNKNOWN, "no specification applies")

    assert worklist([unnamed]) == (WorklistLine(Gate.QUALITY, "own test (post thaw)"),)
    assert worklist([unexplained]) == (WorklistLine(Gate.QUALITY, "no specification applies"),)
    assert worklist(all_passing().values()) == ()


def test_the_second_signer_is_shown_exactly_what_the_first_signed() -> None:
    first = replace(GOOD, people=PeopleFacts((REVIEWER,), needed=1))

    signed = canonical_json(snapshot(evaluate(first, NOON), first))
    shown = canonical_json(snapshot(evaluate(GOOD, NOON + hours(5)), GOOD))

    assert shown == signed
    assert UNIT in signed
    assert "quinn" not in signed
    assert '"outcome":"pass"' in signed


def test_what_label_and_papers_must_say_is_signed_with_the_verdict() -> None:
    undetermined = replace(GOOD, donors=(replace(GOOD.donors[0], determination=None),))

    gates = snapshot(evaluate(undetermined, NOON), undetermined)["gates"]

    assert isinstance(gates, list)
    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in gates[1]["warnings"]
    assert gates[0]["warnings"] == []


@pytest.mark.parametrize(
    "changed",
    [
        with_unit(measurements=(TNC, IDENTITY)),
        with_unit(measurements=(replace(TNC, number=Decimal("1.24e9")), *UNIT_FACTS.measurements[1:])),
        with_unit(specification="cord-blood-human v2"),
        replace(GOOD, donors=(*GOOD.donors, replace(GOOD.donors[0], donor_code="DNR-2"))),
    ],
)
def test_any_changed_fact_changes_what_is_signed(changed: GateFacts) -> None:
    assert canonical_json(snapshot(evaluate(changed, NOON), changed)) != canonical_json(
        snapshot(evaluate(GOOD, NOON), GOOD)
    )


def test_the_same_number_written_otherwise_is_the_same_content() -> None:
    rewritten = with_unit(measurements=(replace(TNC, number=Decimal("1250000000.000")), *UNIT_FACTS.measurements[1:]))

    assert snapshot((), rewritten) == snapshot((), GOOD)
