"""The truth tables of permitted use: every permission, and what else decides."""

from dataclasses import replace

import pytest

from consent.domain.decision import permitted_use
from consent.domain.duo import PERMISSIONS
from consent.domain.permitted_use import Standing, Term
from tests.consent.domain.decision_examples import (
    ALLOW,
    BILIARY_ATRESIA,
    CC,
    CIRRHOSIS,
    COL,
    COMPANY,
    DENY,
    DS,
    ELSEWHERE,
    GRU,
    HEPATITIS_B,
    HMB,
    IRB,
    LIVER,
    MOR,
    NOTHING_ASKED,
    NPU,
    NRES,
    POA,
    PUB,
    REVIEW,
    RS,
    RTN,
    STUDY,
    asking,
    consent,
    ds,
)


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
