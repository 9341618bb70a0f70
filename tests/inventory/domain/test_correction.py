from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from biobank.domain.refusal import Reason
from inventory.domain.correctable import FACTS, RestingVerdict
from inventory.domain.correction import (
    ConfirmingFacts,
    CorrectionFacts,
    CorrectionRefused,
    CorrectionStatus,
    Times,
    check_asking,
    check_confirming,
    check_rejecting,
    fact_of,
    needs_second_person,
    obstacles_to_times,
)
from inventory.domain.recovery import RecoveryFacts

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACT = FACTS["donation", "clamp_seconds"]
ASKED = CorrectionFacts("A9999", "45", "60", "misread")
PROPOSED = ConfirmingFacts("COR-1", CorrectionStatus.PROPOSED, "anna", "berta", "45", "45")
TIMES = Times(NOON - 20 * HOUR, NOON - 21 * HOUR, NOON - 90 * HOUR, ((NOON - 8 * HOUR, NOON - 6 * HOUR),))


@pytest.mark.parametrize("name", ["code", "din", "product_code", "kind", "registered_by"])
def test_identity_is_no_correctable_fact(name):
    with pytest.raises(CorrectionRefused, match="is not corrected") as refused:
        fact_of("unit", name)

    assert "void the record" in refused.value.mend


def test_a_correction_that_says_all_is_taken():
    check_asking(FACT, ASKED)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"new": "45"}, "is that already"),
        ({"reason": " "}, "reason is missing"),
        ({"reason": "x" * 501}, "longer than 500"),
        ({"open_one": "COR-7"}, "COR-7 already waits"),
        ({"voided": "A9999"}, "A9999 was voided"),
        ({"wrong": (Reason("It is wrong."),)}, "It is wrong"),
    ],
)
def test_a_correction_is_refused_for_what_stands_in_its_way(changed, match):
    with pytest.raises(CorrectionRefused, match=match):
        check_asking(FACT, replace(ASKED, **changed))


def test_a_second_person_confirms():
    check_confirming(FACT, PROPOSED)


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"confirmed_by": "anna"}, "does not confirm it"),
        ({"now": "50"}, "has changed since"),
        ({"wrong": (Reason("It is wrong."),)}, "It is wrong"),
        ({"status": CorrectionStatus.IN_EFFECT}, "COR-1 is in effect"),
        ({"status": CorrectionStatus.REJECTED}, "COR-1 is rejected"),
    ],
)
def test_a_correction_is_not_confirmed_so(changed, match):
    with pytest.raises(CorrectionRefused, match=match):
        check_confirming(FACT, replace(PROPOSED, **changed))


def test_only_what_waits_is_rejected_and_with_a_reason():
    check_rejecting("COR-1", CorrectionStatus.PROPOSED, "it was right")

    for status, reason, match in (
        (CorrectionStatus.IN_EFFECT, "why", "COR-1 is in effect"),
        (CorrectionStatus.PROPOSED, "", "reason is missing"),
    ):
        with pytest.raises(CorrectionRefused, match=match):
            check_rejecting("COR-1", status, reason)


def test_a_second_person_is_needed_where_a_verdict_that_rests_on_the_fact_stands():
    all_stand = dict.fromkeys(RestingVerdict, True)

    assert needs_second_person(FACTS["donation", "delivery"], all_stand) == frozenset()
    assert needs_second_person(FACTS["donation", "collected_at"], {}) == frozenset()
    assert needs_second_person(FACTS["request", "weight_kg"], all_stand) == {"approval", "signature"}


def test_times_in_their_order_agree():
    assert obstacles_to_times(TIMES, "collected_at", at=NOON) == []
    assert obstacles_to_times(Times(), "collected_at", at=NOON) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"collected_at": NOON + HOUR, "born_at": None, "runs": ()}, "future"),
        ({"born_at": NOON - 19 * HOUR}, "not-at-birth"),
        ({"born_at": NOON - 27 * HOUR}, "not-at-birth"),
        ({"consented_at": NOON - 19 * HOUR}, "before-consent"),
        ({"runs": ((NOON - 21 * HOUR, None),)}, "order"),
        ({"runs": ((NOON - 8 * HOUR, NOON - 9 * HOUR),)}, "order"),
        ({"runs": ((NOON - 20 * HOUR, NOON - 20 * HOUR),)}, "after-freezing"),
    ],
)
def test_times_that_contradict_each_other_are_refused(changed, code):
    reasons = obstacles_to_times(replace(TIMES, **changed), "collected_at", at=NOON)

    assert [reason.code for reason in reasons] == [code]


# An infant of two days, dead for an hour before the cross-clamp; its liver is taken in ten hours after it.
LIVER = RecoveryFacts(
    "Organ recovery",
    died_at=NOON - 20 * HOUR,
    cross_clamp_at=NOON - 19 * HOUR,
    recovered_at=NOON - 18 * HOUR,
    authorised_at=NOON - 20 * HOUR,
    born_at=NOON - 68 * HOUR,
    cold_ended_at=NOON - 9 * HOUR,
)
RECOVERED = Times(NOON - 18 * HOUR, NOON - 68 * HOUR, None, ((NOON - 9 * HOUR, NOON - 6 * HOUR),), LIVER)


def test_the_times_of_a_recovery_are_not_those_of_a_birth():
    assert obstacles_to_times(RECOVERED, "died_at", at=NOON) == []
    assert obstacles_to_times(replace(RECOVERED, recovery=None), "collected_at", at=NOON) != []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"died_at": NOON - 69 * HOUR}, "times"),
        ({"died_at": NOON - 18 * HOUR}, "times"),
        ({"cross_clamp_at": NOON - 17 * HOUR}, "times"),
        ({"cold_ended_at": NOON - 18.5 * HOUR}, "times"),
        ({"cold_ended_at": NOON - 8 * HOUR}, "order"),
        ({"authorised_at": NOON - 18 * HOUR}, "before-authorisation"),
        ({"authorised_at": None}, "no-authorisation"),
        ({"born_at": NOON - 30 * 24 * HOUR}, "not-neonatal"),
    ],
)
def test_times_of_a_recovery_that_contradict_each_other_are_refused(changed, code):
    times = replace(RECOVERED, recovery=replace(LIVER, **changed))

    reasons = obstacles_to_times(times, "cross_clamp_at", at=NOON)

    assert code in [reason.code for reason in reasons]
    assert {reason.field for reason in reasons} == {"cross_clamp_at"}
