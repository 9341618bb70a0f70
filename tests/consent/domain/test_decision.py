"""The truth tables of permitted use: every row, every modifier, and the laws that hold over all of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.domain.decision import permitted_use
from consent.domain.duo import MODIFIERS, PERMISSIONS
from consent.domain.permitted_use import ConsentFacts, Purpose, Standing, Term, Verdict

ALLOW, DENY, REVIEW = Verdict.ALLOW, Verdict.DENY, Verdict.REVIEW
NRES, GRU, HMB, DS, POA = "DUO:0000004", "DUO:0000042", "DUO:0000006", "DUO:0000007", "DUO:0000011"
RS, NMDS, GSO, NPUNCU, PUB, COL = (f"DUO:00000{number}" for number in (12, 15, 16, 18, 19, 20))
IRB, GS, MOR, TS, US, PS, IS, RTN = (f"DUO:00000{number}" for number in (21, 22, 24, 25, 26, 27, 28, 29))
CC, NPOA, NPU, NCU = (f"DUO:00000{number}" for number in (43, 44, 45, 46))
LIVER, CIRRHOSIS, HEPATITIS_B = "MONDO:0005154", "MONDO:0005155", "MONDO:0005344"
BILIARY_ATRESIA, ELSEWHERE = "MONDO:0008867", "MONDO:0000001"

STUDY = Purpose(
    disease=CIRRHOSIS,
    human_application=False,
    commercial=False,
    for_profit=False,
    country="DE",
    institution="STUDY-1",
    protocol="PRO-1",
    user="person1",
    ethics_approved=True,
    genetic=True,
    at=datetime(2026, 3, 14, 12, tzinfo=UTC),
)
COMPANY = replace(STUDY, commercial=True, for_profit=True)
NOTHING_ASKED = replace(STUDY, disease="")


def consent(*terms, **facts):
    """Return an active consent on a known form, given on 1 February 2026, with these terms."""
    held = tuple(Term(term) if isinstance(term, str) else term for term in terms)
    return ConsentFacts(
        **{"standing": Standing.ACTIVE, "consent": "CNS-1", "given_on": date(2026, 2, 1), "terms": held} | facts
    )


def midday(day):
    return datetime.combine(day, time(12), UTC)


def asking(*duo, **facts):
    return replace(NOTHING_ASKED, duo=frozenset(duo), **facts)


def ds(mondo):
    return Term(DS, mondo=mondo)


@pytest.mark.parametrize(
    ("given_consent", "purpose", "verdict"),
    [
        (consent(NRES), replace(COMPANY, disease=LIVER), ALLOW),
        (consent(GRU), STUDY, ALLOW),
        (consent(HMB), replace(STUDY, disease=HEPATITIS_B), ALLOW),
        (consent(ds(LIVER)), STUDY, ALLOW),
        (consent(ds(CIRRHOSIS)), replace(STUDY, disease=LIVER), DENY),
        (consent(GRU, NPU), COMPANY, DENY),
        (consent(GRU, IRB), replace(STUDY, ethics_approved=False), REVIEW),
        (consent(GRU), replace(STUDY, human_application=True), DENY),
        (consent(GRU, standing=Standing.WITHDRAWN), STUDY, DENY),
        (consent(GRU, form_known=False), STUDY, REVIEW),
        (consent(form_known=False), replace(COMPANY, human_application=True), REVIEW),
    ],
)
def test_published_vectors(given_consent, purpose, verdict):
    assert permitted_use(given_consent, purpose).verdict is verdict


@pytest.mark.parametrize(
    ("asked", "permitting"),
    [
        (STUDY, {NRES, GRU, HMB, DS}),
        (asking(HMB), {NRES, GRU, HMB}),
        (asking(POA), {NRES, GRU, POA}),
        (asking(GRU), {NRES, GRU}),
        (asking(NRES), {NRES}),
        (asking(methods=True), {NRES, GRU, HMB, DS, POA}),
        (asking(HMB, POA), {NRES, GRU}),
        (replace(STUDY, duo=frozenset({DS})), {NRES, GRU, HMB, DS}),
        (replace(STUDY, duo=frozenset({DS, HMB})), {NRES, GRU, HMB}),
    ],
)
@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_each_permission_covers_exactly_the_uses_of_its_row(asked, permitting, permission):
    held = ds(CIRRHOSIS) if permission == DS else Term(permission)

    assert permitted_use(consent(held), asked).verdict is (ALLOW if permission in permitting else DENY)


UNKNOWN_FLAGS = {"for_profit": None, "commercial": None}


@pytest.mark.parametrize(
    ("modifier", "purpose", "verdict"),
    [
        (NPU, STUDY, ALLOW),
        (NPU, replace(STUDY, for_profit=True), DENY),
        (NPU, replace(STUDY, commercial=True), DENY),
        (NPU, replace(STUDY, **UNKNOWN_FLAGS), REVIEW),
        (NPU, replace(STUDY, for_profit=None, commercial=True), DENY),
        (NCU, STUDY, ALLOW),
        (NCU, replace(STUDY, commercial=True), DENY),
        (NCU, replace(STUDY, for_profit=True), ALLOW),
        (NCU, replace(STUDY, commercial=None), REVIEW),
        (NPUNCU, STUDY, ALLOW),
        (NPUNCU, replace(STUDY, commercial=True), DENY),
        (NPUNCU, replace(STUDY, for_profit=True), DENY),
        (NPUNCU, replace(STUDY, **UNKNOWN_FLAGS), REVIEW),
        (GSO, STUDY, ALLOW),
        (GSO, replace(STUDY, genetic=False), DENY),
        (GSO, replace(STUDY, genetic=None), REVIEW),
        (IRB, STUDY, ALLOW),
        (IRB, replace(STUDY, ethics_approved=False), REVIEW),
        (IRB, replace(STUDY, ethics_approved=None), REVIEW),
        (NMDS, STUDY, ALLOW),
        (NMDS, replace(STUDY, methods=True), DENY),
        (NMDS, replace(STUDY, methods=None), REVIEW),
        (NPOA, STUDY, ALLOW),
        (NPOA, asking(POA), DENY),
        (RS, STUDY, REVIEW),
        (Term(RS, parameter="paediatric studies"), STUDY, REVIEW),
        (COL, STUDY, ALLOW),
        (PUB, STUDY, ALLOW),
        (RTN, STUDY, ALLOW),
        (CC, STUDY, ALLOW),
        (CC, replace(STUDY, human_application=True), DENY),
        (Term(GS, parameter="AT, de"), STUDY, ALLOW),
        (Term(GS, parameter="AT"), STUDY, DENY),
        (Term(GS, parameter="DE"), replace(STUDY, country=""), REVIEW),
        (Term(GS), STUDY, REVIEW),
        (Term(IS, parameter="STUDY-1"), STUDY, ALLOW),
        (Term(IS, parameter="STUDY-10"), STUDY, DENY),
        (Term(IS, parameter="STUDY-1"), replace(STUDY, institution=""), REVIEW),
        (Term(PS, parameter="PRO-1"), STUDY, ALLOW),
        (Term(PS, parameter="PRO-2"), STUDY, DENY),
        (Term(PS, parameter="PRO-1"), replace(STUDY, protocol=""), REVIEW),
        (Term(US, parameter="person1"), STUDY, ALLOW),
        (Term(US, parameter="person2"), STUDY, DENY),
        (Term(US, parameter="person1"), replace(STUDY, user=""), REVIEW),
        (Term(MOR, parameter="2026-12-31"), STUDY, ALLOW),
        (Term(MOR, parameter="soon"), STUDY, REVIEW),
        (Term(TS, parameter="2"), STUDY, ALLOW),
        (Term(TS, parameter="1"), STUDY, DENY),
        (Term(TS, parameter="1"), replace(STUDY, at=midday(date(2026, 3, 1))), ALLOW),
        (Term(TS, parameter="1"), replace(STUDY, at=midday(date(2026, 3, 2))), DENY),
        (Term(TS, parameter="9999"), replace(STUDY, at=midday(date(2860, 1, 1))), DENY),
        (Term(TS, parameter="a while"), STUDY, REVIEW),
        ("DUO:0000005", STUDY, REVIEW),
    ],
)
def test_each_modifier_says_what_its_row_says(modifier, purpose, verdict):
    assert permitted_use(consent(GRU, modifier), purpose).verdict is verdict


def test_every_modifier_of_the_ontology_has_a_row_above():
    rows = {RS, NMDS, GSO, NPUNCU, PUB, COL, IRB, GS, MOR, TS, US, PS, IS, RTN, CC, NPOA, NPU, NCU}

    assert rows == MODIFIERS


@pytest.mark.parametrize(
    ("given_on", "months", "last"),
    [
        (date(2024, 1, 31), "1", date(2024, 2, 29)),
        (date(2024, 2, 29), "12", date(2025, 2, 28)),
        (date(2025, 12, 15), "1", date(2026, 1, 15)),
        (date(2025, 11, 30), "25", date(2027, 12, 30)),
    ],
)
def test_a_time_limit_ends_with_the_same_day_of_a_later_month_or_with_its_last(given_on, months, last):
    limited = consent(GRU, Term(TS, parameter=months), given_on=given_on)

    assert permitted_use(limited, replace(STUDY, at=midday(last))).verdict is ALLOW
    assert permitted_use(limited, replace(STUDY, at=midday(last + timedelta(days=1)))).verdict is DENY


def test_a_time_limit_beyond_the_calendar_never_passes():
    limited = consent(GRU, Term(TS, parameter="9999"), given_on=date(9990, 1, 1))

    assert permitted_use(limited, replace(STUDY, at=midday(date(9999, 12, 31)))).verdict is ALLOW


def test_a_time_limit_on_a_consent_without_its_date_is_for_review():
    limited = consent(GRU, Term(TS, parameter="12"), given_on=None)

    assert permitted_use(limited, STUDY).verdict is REVIEW


@pytest.mark.parametrize(
    ("standing", "verdict", "reason"),
    [
        (Standing.NONE, DENY, "No consent has been recorded."),
        (Standing.UNKNOWN, REVIEW, "The donor's consent is not known: it has not been recorded."),
        (Standing.DECLINED, DENY, "The donor declined."),
        (Standing.WITHDRAWN, DENY, "The donor withdrew her consent."),
        (Standing.EXPIRED, DENY, "The consent has expired."),
    ],
)
def test_a_consent_that_is_not_active_permits_nothing(standing, verdict, reason):
    answer = permitted_use(consent(NRES, standing=standing, human_application=True), STUDY)

    assert (answer.verdict, answer.reason) == (verdict, reason)


def test_a_collection_only_consent_permits_no_use():
    answer = permitted_use(consent(NRES, collection_only=True), STUDY)

    assert answer.verdict is DENY
    assert "collection only" in answer.reason


@pytest.mark.parametrize(
    ("granted", "asked", "verdict"),
    [
        (True, True, ALLOW),
        (True, False, ALLOW),
        (True, None, ALLOW),
        (False, True, DENY),
        (False, False, ALLOW),
        (False, None, REVIEW),
        (None, True, REVIEW),
        (None, False, ALLOW),
        (None, None, REVIEW),
    ],
)
def test_human_application_is_a_statement_of_its_own(granted, asked, verdict):
    answer = permitted_use(consent(NRES, CC, human_application=granted), replace(STUDY, human_application=asked))

    assert answer.verdict is verdict


@pytest.mark.parametrize(
    "purpose",
    [
        NOTHING_ASKED,
        asking(DS),
        asking(GRU, "DUO:0000005"),
        asking(GRU, "nonsense"),
        replace(STUDY, duo=frozenset({CC})),
    ],
)
def test_an_unclear_purpose_is_for_review(purpose):
    assert permitted_use(consent(NRES, human_application=True), purpose).verdict is REVIEW


def test_a_purpose_of_clinical_care_that_gives_cells_to_people_is_clear():
    treating = replace(STUDY, duo=frozenset({CC}), human_application=True)

    assert permitted_use(consent(NRES, human_application=True), treating).verdict is ALLOW


def test_a_consent_for_liver_disorder_covers_biliary_atresia_and_shows_the_curated_link():
    answer = permitted_use(consent(ds(LIVER)), replace(STUDY, disease=BILIARY_ATRESIA))

    assert answer.verdict is ALLOW
    assert [(link.child, link.parent) for link in answer.disease_path] == [(BILIARY_ATRESIA, LIVER)]
    assert answer.disease_path[0].basis.startswith("curated (NOT so in Mondo")


@pytest.mark.parametrize(
    ("consented", "asked", "verdict"),
    [
        (HEPATITIS_B, CIRRHOSIS, DENY),
        (ELSEWHERE, CIRRHOSIS, REVIEW),
        (LIVER, ELSEWHERE, REVIEW),
        (ELSEWHERE, ELSEWHERE, ALLOW),
        ("", CIRRHOSIS, REVIEW),
    ],
)
def test_a_disease_outside_the_table_is_for_review_unless_it_is_the_very_same(consented, asked, verdict):
    assert permitted_use(consent(ds(consented)), replace(STUDY, disease=asked)).verdict is verdict


def test_permissions_add_up():
    both = consent(ds(HEPATITIS_B), ds(LIVER))

    assert permitted_use(both, replace(STUDY, disease=CIRRHOSIS)).verdict is ALLOW
    assert permitted_use(consent(ds(HEPATITIS_B), HMB), STUDY).verdict is ALLOW


@pytest.mark.parametrize("purpose", [STUDY, asking(HMB), asking(methods=True)])
def test_a_permission_that_cannot_be_read_is_for_review_and_not_a_denial(purpose):
    assert permitted_use(consent("DUO:0000005"), purpose).verdict is REVIEW
    assert permitted_use(consent("DUO:0000005"), replace(purpose, human_application=True)).verdict is DENY


def test_a_refusal_names_every_reason_the_denying_ones_first():
    answer = permitted_use(consent(GRU, RS, NPU, IRB), replace(COMPANY, ethics_approved=False, human_application=True))

    assert answer.verdict is DENY
    assert answer.reasons == (
        "The consent is for non-profit organisations and purposes only.",
        "The consent does not grant human application.",
        "The consent is limited to a certain type of research: a person must judge.",
        "The consent asks for an ethics approval, and none is documented.",
    )


def test_an_allowance_names_what_carries_it_its_consent_and_its_obligations():
    answer = permitted_use(consent(GRU, COL, PUB, RTN, Term(MOR, parameter="2026-12-31")), STUDY)

    assert answer.reasons == ("GRU covers cirrhosis of liver.",)
    assert answer.consents == ("CNS-1",)
    assert answer.obligations == (
        "The study collaborates with the bank's investigators.",
        "Results are published.",
        "Results are returned to the bank.",
        "Results are not published before 2026-12-31.",
    )


def test_a_moratorium_that_is_over_obliges_to_nothing():
    assert permitted_use(consent(GRU, Term(MOR, parameter="2026-03-14")), STUDY).obligations == ()


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
