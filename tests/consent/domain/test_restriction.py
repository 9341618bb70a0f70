"""The truth table of what restricts a consent: every modifier of the ontology."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent.domain.decision import permitted_use
from consent.domain.duo import MODIFIERS
from consent.domain.permitted_use import Term
from tests.consent.domain.decision_examples import (
    ALLOW,
    CC,
    COL,
    DENY,
    GRU,
    GS,
    GSO,
    IRB,
    IS,
    MOR,
    NCU,
    NMDS,
    NPOA,
    NPU,
    NPUNCU,
    POA,
    PS,
    PUB,
    REVIEW,
    RS,
    RTN,
    STUDY,
    TS,
    US,
    asking,
    consent,
    midday,
)

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
