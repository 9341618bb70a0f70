"""Consent that another establishment took: the paper that says so, and what keeps it from being recorded here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from consent.domain.consent import GivingFacts, obstacles_to_give
from consent.domain.donor import Origin

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
LONGEST_ESTABLISHMENT = 120


class AttestationRefused(RuleViolation):
    """Facts that another establishment found cannot be taken over as stated."""

    code = "attestation-refused"
    title = "Nothing was attested"
    mend = "Correct what is named and sign again; nothing was recorded."


@dataclass(frozen=True)
class Paper:
    """Who attests, and the document on which, by the hash of its bytes."""

    establishment: str
    document_sha256: str

    def __str__(self) -> str:
        return attested_by(self.establishment, self.document_sha256)


@dataclass(frozen=True, kw_only=True)
class AttestedConsent:
    """A consent as a paper states it, by codes: the donor, and the form version that stands for the form she signed.

    ``form`` is written code/version/language; ``answers`` are hers, by the keys of its statements.
    """

    donor: str
    form: str
    answers: Mapping[str, bool]
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class AttestingFacts:
    """What attesting one consent is decided on: how giving it here would be, and whose donor she is."""

    origin: Origin
    giving: GivingFacts


def attested_by(establishment: str, document_sha256: str) -> str:
    """Return how an attested fact is marked wherever it is shown; nothing for a fact of the bank's own."""
    return f"attested by {establishment}, document {document_sha256[:16]}" if establishment else ""


def obstacles_to_paper(paper: Paper) -> list[Reason]:
    """Return what keeps a paper from carrying any fact: no establishment, or no document."""
    reasons = obstacles_to_text(paper.establishment, "establishment", longest=LONGEST_ESTABLISHMENT, needed=True)
    if not SHA256.fullmatch(paper.document_sha256):
        text = "A fact is attested on a document: its SHA-256 is 64 lower-case hexadecimal digits."
        reasons.append(Reason(text, "no-document", "document_sha256"))
    return reasons


def obstacles_to_attest(facts: AttestingFacts, *, at: datetime) -> list[Reason]:
    """Return everything that keeps a consent taken elsewhere from being recorded here."""
    reasons = []
    if facts.origin is Origin.OWN:
        text = "She is a donor of this bank's own: her consent is taken here, not attested."
        reasons.append(Reason(text, "own-donor", "donor"))
    if facts.giving.earlier is not None:
        text = "Her consent is on record already: a paper does not speak over it."
        reasons.append(Reason(text, "on-record", "donor"))
    return [*reasons, *obstacles_to_give(facts.giving, at=at)]
