import pytest

from consent.domain.donor import Origin
from consent.domain.permitted_use import Standing, Term, Verdict, strictest
from consent.domain.standing import Answered, grants_human_application, standing_without_consent, terms_that_hold

RESTRICTION = Term("DUO:0000046")


@pytest.mark.parametrize(
    ("granted", "when_refused", "holds"),
    [
        (True, False, True),
        (False, False, False),
        (None, False, False),
        (True, True, False),
        (False, True, True),
        (None, True, True),
    ],
)
def test_a_term_holds_by_its_answer_and_a_turned_question_by_anything_but_yes(granted, when_refused, holds):
    answered = Answered(granted=granted, term=RESTRICTION, applies_when_refused=when_refused)

    assert terms_that_hold([answered]) == ((RESTRICTION,) if holds else ())


def test_a_statement_without_a_term_contributes_none():
    assert terms_that_hold([Answered(granted=True, term=Term(""))]) == ()


@pytest.mark.parametrize(
    ("answers", "grants"), [([], False), ([True], True), ([False], False), ([None], False), ([True, False], False)]
)
def test_human_application_needs_every_such_statement_answered_yes(answers, grants):
    asked = [Answered(granted=granted, term=Term(""), human_application=True) for granted in answers]

    assert grants_human_application([Answered(granted=True, term=Term("DUO:0000004")), *asked]) is grants


@pytest.mark.parametrize(
    ("origin", "standing"),
    [(Origin.OWN, Standing.NONE), (Origin.MIGRATED, Standing.UNKNOWN), (Origin.OTHER_BANK, Standing.UNKNOWN)],
)
def test_what_another_bank_obtained_is_unknown_and_not_absent(origin, standing):
    assert standing_without_consent(origin.value) is standing


@pytest.mark.parametrize(
    ("verdicts", "strict"),
    [
        ([], Verdict.ALLOW),
        ([Verdict.ALLOW], Verdict.ALLOW),
        ([Verdict.ALLOW, Verdict.REVIEW], Verdict.REVIEW),
        ([Verdict.REVIEW, Verdict.DENY, Verdict.ALLOW], Verdict.DENY),
    ],
)
def test_deny_wins_over_review_and_review_over_allow(verdicts, strict):
    assert strictest(verdicts) is strict
