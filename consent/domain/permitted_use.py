"""What a purpose asks and what a consent permits: the facts, and the three-valued answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from consent.domain.disease import Link


class Verdict(StrEnum):
    """Whether a use is permitted; REVIEW means that a person must decide."""

    ALLOW = "allow"
    DENY = "deny"
    REVIEW = "review"


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What a study wants the material for, and when. ``None`` and the empty string mean *unknown*."""

    disease: str = ""
    duo: frozenset[str] = frozenset()
    human_application: bool | None
    commercial: bool | None
    for_profit: bool | None
    country: str = ""
    institution: str = ""
    protocol: str = ""
    protocol_version: str = ""
    user: str = ""
    ethics_approved: bool | None
    genetic: bool | None
    methods: bool | None = False
    at: datetime

    @property
    def on(self) -> date:
        """The day of it, by the clock that every day of a consent is counted by."""
        return self.at.astimezone(UTC).date()


class Standing(StrEnum):
    """How a donor's consent stands at an instant."""

    ACTIVE = "active"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OF_AGE = "of_age"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Term:
    """One DUO term that holds for a consent, with its disease (DS) or its parameter (months, date, countries …)."""

    duo: str
    mondo: str = ""
    parameter: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsentFacts:
    """What one donor's consent says, as of an instant; ``attested`` by whom, where another establishment took it."""

    standing: Standing
    consent: str = ""
    attested: str = ""
    form_known: bool = True
    collection_only: bool = False
    given_on: date | None = None
    human_application: bool | None = False
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What one rule says; the strictest finding is the answer."""

    verdict: Verdict
    reason: str = ""
    disease_path: tuple[Link, ...] = ()
    obligation: str = ""


@dataclass(frozen=True)
class PermittedUse:
    """The answer: verdict, why, the consents it rests on, obligations, and the disease links that were used."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    disease_path: tuple[Link, ...] = ()
    obligations: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The reasons as one text."""
        return "; ".join(self.reasons)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return DENY before REVIEW before ALLOW; nothing asked allows."""
    found = set(verdicts)
    return next((verdict for verdict in (Verdict.DENY, Verdict.REVIEW) if verdict in found), Verdict.ALLOW)
