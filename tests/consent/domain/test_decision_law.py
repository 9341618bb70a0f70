"""Laws of permitted use that hold over whatever was consented to and asked for."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from consent.domain.decision import permitted_use
from consent.domain.duo import MODIFIERS, PERMISSIONS
from consent.domain.permitted_use import ConsentFacts, Purpose, Standing, Term
from tests.consent.domain.decision_examples import (
    ALLOW,
    BILIARY_ATRESIA,
    CC,
    CIRRHOSIS,
    DENY,
    ELSEWHERE,
    GRU,
    HEPATITIS_B,
    LIVER,
    NCU,
    NRES,
    REVIEW,
    STUDY,
)

_STRICT = {ALLOW: 0, REVIEW: 1, DENY: 2}
_MAYBE = st.sampled_from([True, False, None])
_TERMS = st.builds(
    Term,
    duo=st.sampled_from([*sorted(PERMISSIONS | MODIFIERS), "DUO:0000005"]),
    mondo=st.sampled_from(["", LIVER, CIRRHOSIS, HEPATITIS_B, ELSEWHERE]),
    parameter=st.sampled_from(["", "1", "12", "2026-12-31", "DE", "STUDY-1", "PRO-1", "person1"]),
)
_CONSENTS = st.builds(
    ConsentFacts,
    standing=st.sampled_from(Standing),
    consent=st.just("CNS-1"),
    form_known=st.booleans(),
    collection_only=st.booleans(),
    given_on=st.sampled_from([None, date(2026, 2, 1), date(2020, 2, 29)]),
    human_application=_MAYBE,
    terms=st.lists(_TERMS, max_size=5).map(tuple),
)

_PURPOSES = st.builds(
    Purpose,
    disease=st.sampled_from(["", LIVER, CIRRHOSIS, BILIARY_ATRESIA, ELSEWHERE]),
    duo=st.frozensets(st.sampled_from([*sorted(PERMISSIONS), CC, "DUO:0000014"])),
    human_application=_MAYBE,
    commercial=_MAYBE,
    for_profit=_MAYBE,
    country=st.sampled_from(["", "DE", "FR"]),
    institution=st.sampled_from(["", "STUDY-1", "STUDY-2"]),
    protocol=st.sampled_from(["", "PRO-1"]),
    user=st.sampled_from(["", "person1"]),
    ethics_approved=_MAYBE,
    genetic=_MAYBE,
    methods=_MAYBE,
    at=st.just(STUDY.at),
)


@given(_CONSENTS, _PURPOSES, _TERMS.filter(lambda term: term.duo in MODIFIERS))
def test_adding_a_modifier_never_loosens(held, purpose, modifier):
    before = permitted_use(held, purpose).verdict

    after = permitted_use(replace(held, terms=(*held.terms, modifier)), purpose).verdict

    assert _STRICT[after] >= _STRICT[before]


@given(_CONSENTS, _PURPOSES)
def test_a_withdrawn_or_declined_consent_is_always_denied(held, purpose):
    for standing in (Standing.WITHDRAWN, Standing.DECLINED, Standing.EXPIRED, Standing.NONE):
        assert permitted_use(replace(held, standing=standing), purpose).verdict is DENY


@given(_CONSENTS, _PURPOSES)
def test_human_application_not_granted_is_never_allowed(held, purpose):
    treating = replace(purpose, human_application=True)

    assert permitted_use(replace(held, human_application=False), treating).verdict is not ALLOW


@given(_CONSENTS, _PURPOSES, st.permutations(range(5)))
def test_the_order_of_the_answers_does_not_matter(held, purpose, order):
    shuffled = tuple(held.terms[index] for index in order if index < len(held.terms))

    assert permitted_use(replace(held, terms=shuffled), purpose).verdict is permitted_use(held, purpose).verdict


@given(_CONSENTS, _PURPOSES)
def test_a_verdict_other_than_allow_always_says_why(held, purpose):
    answer = permitted_use(held, purpose)

    assert answer.verdict is ALLOW or answer.reasons


@given(_CONSENTS, _PURPOSES, st.sampled_from([NRES, GRU]))
def test_one_denying_modifier_denies_whatever_else_is_unknown(held, purpose, permission):
    active = replace(held, standing=Standing.ACTIVE, form_known=True, terms=(*held.terms, Term(permission), Term(NCU)))

    assert permitted_use(active, replace(purpose, commercial=True)).verdict is DENY
