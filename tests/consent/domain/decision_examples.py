"""Consents and purposes of a liver study, to change one fact at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

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


def consent(*terms: str | Term, **facts: Any) -> ConsentFacts:
    """Return an active consent on a known form, given on 1 February 2026, with these terms."""
    held = tuple(Term(term) if isinstance(term, str) else term for term in terms)
    usual: dict[str, Any] = {
        "standing": Standing.ACTIVE,
        "consent": "CNS-1",
        "given_on": date(2026, 2, 1),
        "terms": held,
    }
    return ConsentFacts(**usual | facts)


def midday(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def asking(*duo: str, **facts: Any) -> Purpose:
    return replace(NOTHING_ASKED, duo=frozenset(duo), **facts)


def ds(mondo: str) -> Term:
    return Term(DS, mondo=mondo)
