from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from biobank.domain.role import Role
from biobank.domain.signature import SignatureRefused
from biobank.services.guard import drop_guards
from consent.domain.duo import RESEARCH_SPECIFIC
from consent.domain.form import StatementFacts
from consent.domain.permitted_use import Purpose, Verdict
from consent.domain.standing import Source
from consent.domain.use_review import ReviewAnswer, UseReviewRefused
from consent.models.use_review import UseReview
from consent.queries.permitted_use import permitted_uses
from consent.services.form import NewForm, draft_form
from consent.services.use_review import NewUseReview, answer_review
from tests.factories.donor import (
    RESEARCH,
    STORAGE,
    TREATMENT,
    approver,
    form_facts,
    form_in_force,
    given_consent,
    mondo_of,
    registered_donor,
    withdrawn,
)
from tests.factories.person import credentials, person
from tests.factories.time import NOON, hours
from tests.factories.trail import head_number, kinds_since, last_of

pytestmark = pytest.mark.django_db

CERTAIN = StatementFacts(
    key="certain", text="Only certain research.", duo=RESEARCH_SPECIFIC, parameter="children", mandatory=True
)


def study(**otherwise):
    usual = Purpose(
        disease=mondo_of("cirrhosis"),
        human_application=True,
        commercial=False,
        for_profit=False,
        protocol="LIVER-1",
        protocol_version="1",
        ethics_approved=True,
        genetic=False,
        at=NOON,
    )
    return replace(usual, **otherwise)


def limited(version="1"):
    """Return a consent limited to certain research: a person must judge."""
    form = form_in_force(form_facts("CF-LIMITED", version=version), [STORAGE, RESEARCH, TREATMENT, CERTAIN])
    return given_consent(form=form, given_at=NOON - hours(1))


def answer(consent, answered=ReviewAnswer.ALLOW, *, by=None, **otherwise):
    by = by or approver()
    usual = NewUseReview(source=Source(consent.donor_id), purpose=study(), answer=answered, reason="Ethics advice 12")
    return answer_review(replace(usual, **otherwise), credentials=credentials(by), by=by, at=NOON)


def use(consent, **otherwise):
    source = Source(consent.donor_id)
    return permitted_uses([source], study(**otherwise))[source]


@pytest.mark.parametrize(
    ("answered", "verdict"), [(ReviewAnswer.ALLOW, Verdict.ALLOW), (ReviewAnswer.DENY, Verdict.DENY)]
)
def test_one_answer_holds_for_every_consent_on_the_form_version(answered, verdict):
    asked, another = limited(), limited()
    assert use(asked).verdict is Verdict.REVIEW

    review = answer(asked, answered)

    assert (use(asked).verdict, use(another).verdict) == (verdict, verdict)
    assert review.code in use(another).consents
    assert last_of("use.reviewed")["new"]["answer"] == answered.value


def test_another_protocol_version_and_another_form_version_ask_again():
    consent = limited()
    answer(consent)

    newer = limited(version="2")

    assert use(consent, protocol_version="2").verdict is Verdict.REVIEW
    assert use(consent, protocol="LIVER-2").verdict is Verdict.REVIEW
    assert use(consent, protocol_version="").verdict is Verdict.REVIEW
    assert use(newer).verdict is Verdict.REVIEW


def test_an_answer_never_lifts_a_denial_and_a_withdrawal_denies_after_it():
    consent, refusing = limited(), limited()
    answer(consent)

    withdrawn(consent, at=NOON)

    assert use(consent).verdict is Verdict.DENY
    assert use(refusing, protocol="LIVER-1", human_application=None).verdict is Verdict.ALLOW
    assert use(refusing, duo=frozenset({"DUO:0000042"})).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("make", "otherwise", "says"),
    [
        (given_consent, {}, "answer it themselves: allow"),
        (lambda: withdrawn(limited(), at=NOON), {}, "answer it themselves: deny"),
        (limited, {"reason": ""}, "reason is missing"),
        (limited, {"purpose": study(protocol_version="")}, "Name the protocol"),
    ],
)
def test_what_is_no_question_or_has_no_reason_is_not_answered(make, otherwise, says):
    consent = make()
    approver()
    before = head_number()

    with pytest.raises(UseReviewRefused, match=says):
        answer(consent, **otherwise)

    assert not UseReview.objects.exists()
    assert kinds_since(before) == []


def test_a_donor_without_consent_raises_no_question():
    donor = registered_donor()

    with pytest.raises(UseReviewRefused, match="nothing an answer could stand for"):
        answer(given_consent(), source=Source(donor.pk))

    assert not UseReview.objects.exists()


def test_a_second_answer_is_refused_and_the_first_stands():
    consent, another = limited(), limited()
    answer(consent, ReviewAnswer.DENY)

    with pytest.raises(UseReviewRefused, match="the answer stands"):
        answer(another)

    assert UseReview.objects.get().answer == "deny"
    assert use(another).verdict is Verdict.DENY


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.QUALITY_REVIEWER, Role.MEDICAL_DIRECTOR}])
def test_only_quality_or_the_medical_director_answers(role):
    consent = limited()

    with pytest.raises(SignatureRefused):
        answer(consent, by=person(role))

    assert not UseReview.objects.exists()
    assert use(consent).verdict is Verdict.REVIEW


def test_the_medical_director_answers_too():
    assert answer(limited(), by=person(Role.MEDICAL_DIRECTOR)).answer == "allow"


def test_the_database_holds_an_answer_to_what_it_was():
    consent = limited()
    review = answer(consent)
    columns = {"reason": "x", "signature": review.signature, "answered_at": NOON, "answer": "allow"}
    draft = draft_form(NewForm(form=form_facts("CF-DRAFT"), statements=(STORAGE, RESEARCH)), by=approver(), at=NOON)

    for number, change in enumerate(
        (
            {"form": review.form, "protocol": "LIVER-1"},
            {"form": review.form, "answer": "perhaps"},
            {"form": review.form, "reason": ""},
            {"form": draft},
        )
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            UseReview.objects.create(
                **{"code": f"USE-{number}", "protocol": "P", "protocol_version": "1"} | columns | change
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        UseReview.objects.update(answer="deny")

    assert (UseReview.objects.get().answer, str(review)) == ("allow", review.code)


def test_canary_without_the_guards_an_answer_is_turned_round():
    consent = limited()
    answer(consent, ReviewAnswer.DENY)
    drop_guards(connection)

    UseReview.objects.update(answer="allow")

    assert use(consent).verdict is Verdict.ALLOW
