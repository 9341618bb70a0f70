"""Facts that another establishment found: what a batch of them states, what is shown and signed, what stops it.

Consent, eligibility and results of units of other banks, and of records brought in, may be attested: by whom, on which
document. Quality compares a sample of the list with the document and signs the whole of it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from biobank.domain.refusal import Reason
from biobank.domain.text import obstacles_to_text
from consent.domain.attestation import AttestationRefused, AttestedConsent, Paper, obstacles_to_paper
from inventory.domain.assay import ASSAYS
from inventory.domain.eligibility import EligibilityVerdict
from inventory.domain.unit import Origin

LONGEST_DOCUMENT = 120
# An incomplete determination settles nothing, so there is nothing in it to attest.
ATTESTABLE = frozenset(EligibilityVerdict) - {EligibilityVerdict.INCOMPLETE}


class FactKind(StrEnum):
    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    RESULT = "result"


class NotAsShown(AttestationRefused):
    """What would be signed is not what the signer was shown."""

    code = "not-as-shown"
    title = "The list has changed since it was shown"
    mend = "Look at the list as it is now and sign that; nothing was recorded."


@dataclass(frozen=True, kw_only=True)
class AttestedEligibility:
    """A determination as a paper states it, with the markers that it calls reactive."""

    donation: str
    verdict: EligibilityVerdict
    reactive: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AttestedResult:
    """A result that was entered unverified, reported by an establishment, and the value that its paper states."""

    result: int
    value: str


Fact = AttestedConsent | AttestedEligibility | AttestedResult
KIND_OF: Mapping[type[Fact], FactKind] = {
    AttestedConsent: FactKind.CONSENT,
    AttestedEligibility: FactKind.ELIGIBILITY,
    AttestedResult: FactKind.RESULT,
}


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What is attested together: the paper with its name, the facts, and the rows (from 1) compared with it."""

    paper: Paper
    document: str
    facts: tuple[Fact, ...]
    checked: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class DonationStanding:
    """What the record has of a donation: whose it is, and the determination that stands, if any."""

    origin: Origin
    verdict: str = ""
    autologous: bool = False


@dataclass(frozen=True, kw_only=True)
class ResultStanding:
    """What the record has of a result: of what, who reported it, and who may still attest it."""

    of: str
    assay: str
    value: str
    origin: Origin
    reported_by: str = ""
    is_verified: bool = False
    is_own: bool = False


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the record has of everything that a batch speaks of."""

    donations: Mapping[str, DonationStanding] = field(default_factory=dict)
    results: Mapping[int, ResultStanding] = field(default_factory=dict)


def kind_of(fact: Fact) -> FactKind:
    return KIND_OF[type(fact)]


def content_of(batch: Batch, known: Known) -> Mapping[str, object]:
    """Return the whole list as it is shown in full, and as it is signed."""
    return {
        "kind": "attestation",
        "establishment": batch.paper.establishment,
        "document": batch.document,
        "document_sha256": batch.paper.document_sha256,
        "facts": [
            {"row": row, "kind": kind_of(fact), "compared": row in batch.checked, **_told(fact, known)}
            for row, fact in enumerate(batch.facts, start=1)
        ],
        "rows_compared": sorted(batch.checked),
    }


def obstacles_to_batch(batch: Batch, known: Known) -> list[Reason]:
    """Return everything that keeps a batch from being signed; consents are held against the record by their own app."""
    reasons = [
        *obstacles_to_paper(batch.paper),
        *obstacles_to_text(batch.document, "document", longest=LONGEST_DOCUMENT, needed=True),
        *_of_the_sample(batch),
        *_of_repetition(batch.facts),
    ]
    for row, fact in enumerate(batch.facts, start=1):
        reasons += [Reason(f"Row {row}: {text}", code, "facts") for text, code in _obstacles(fact, known, batch.paper)]
    return reasons


def check_batch(batch: Batch, known: Known) -> None:
    """Raise ``AttestationRefused`` with every reason why the batch cannot be signed."""
    if reasons := obstacles_to_batch(batch, known):
        raise AttestationRefused("The list cannot be attested as it stands.", reasons=reasons)


def _of_the_sample(batch: Batch) -> list[Reason]:
    """At least one row of each kind is compared with the document: a sample of results says nothing of consents."""
    if not batch.facts:
        return [Reason("The list holds no fact.", "nothing", "facts")]
    if not batch.checked:
        return [Reason("No row was compared with the document.", "nothing-checked", "checked")]
    if beyond := sorted(row for row in batch.checked if not 1 <= row <= len(batch.facts)):
        return [Reason(f"There is no row {beyond[0]} to have compared.", "no-row", "checked")]
    compared = {kind_of(batch.facts[row - 1]) for row in batch.checked}
    return [
        Reason(f"No {kind.value} was compared with the document.", "kind-not-checked", "checked")
        for kind in FactKind
        if kind in {kind_of(fact) for fact in batch.facts} - compared
    ]


def _of_repetition(facts: Sequence[Fact]) -> list[Reason]:
    stated = Counter(map(_subject, facts))
    values: dict[tuple[FactKind, str], set[Fact | str]] = {}
    for fact in facts:
        values.setdefault(_subject(fact), set()).add(repr(fact))
    return [
        Reason(
            f"The {kind.value} of {subject} is stated {times} times"
            f"{', with different values' if len(values[kind, subject]) > 1 else ''}.",
            "contradiction" if len(values[kind, subject]) > 1 else "twice",
            "facts",
        )
        for (kind, subject), times in stated.items()
        if times > 1
    ]


def _subject(fact: Fact) -> tuple[FactKind, str]:
    if isinstance(fact, AttestedConsent):
        return FactKind.CONSENT, fact.donor
    if isinstance(fact, AttestedEligibility):
        return FactKind.ELIGIBILITY, fact.donation
    return FactKind.RESULT, str(fact.result)


def _obstacles(fact: Fact, known: Known, paper: Paper) -> Iterator[tuple[str, str]]:
    if isinstance(fact, AttestedEligibility):
        yield from _of_eligibility(fact, known.donations.get(fact.donation))
    elif isinstance(fact, AttestedResult):
        yield from _of_result(fact, known.results.get(fact.result), paper)


def _of_eligibility(fact: AttestedEligibility, donation: DonationStanding | None) -> Iterator[tuple[str, str]]:
    if donation is None:
        yield f"there is no donation {fact.donation}.", "unknown-donation"
        return
    if donation.origin is Origin.OWN:
        yield f"{fact.donation} is this bank's own: it is determined here, not attested.", "own"
    if donation.verdict:
        yield f"{fact.donation} is determined already: {donation.verdict.replace('_', ' ')}.", "determined"
    if fact.verdict not in ATTESTABLE:
        yield "an incomplete determination settles nothing: there is nothing to attest.", "incomplete"
    if (fact.verdict is EligibilityVerdict.NOT_REQUIRED) is not donation.autologous:
        yield "a determination is not required of an autologous donation, and of no other.", "not-required"
    yield from ((f"“{code}” is no marker.", "unknown-marker") for code in _no_markers(fact.reactive))


def _of_result(fact: AttestedResult, result: ResultStanding | None, paper: Paper) -> Iterator[tuple[str, str]]:
    if result is None:
        yield f"there is no result {fact.result}.", "unknown-result"
        return
    checks = (
        (result.origin is not Origin.OWN, f"{result.of} is this bank's own: its results are verified here.", "own"),
        (not result.is_verified, f"{result.assay} of {result.of} is verified already.", "verified"),
        (not result.is_own, f"{result.assay} of {result.of} was entered by you: another person attests it.", "entered"),
        (
            result.reported_by == paper.establishment,
            f"{result.assay} of {result.of} was reported by {result.reported_by or 'nobody else'}.",
            "other-establishment",
        ),
        (
            result.value == fact.value,
            f"{result.assay} of {result.of} is {result.value} on record, and {fact.value} on the paper.",
            "contradiction",
        ),
    )
    yield from ((text, code) for holds, text, code in checks if not holds)


def _no_markers(codes: Collection[str]) -> list[str]:
    return [code for code in codes if code not in ASSAYS]


def _told(fact: Fact, known: Known) -> Mapping[str, object]:
    if isinstance(fact, AttestedConsent):
        return {"of": fact.donor, "form": fact.form, "answers": dict(fact.answers), "given_at": fact.given_at}
    if isinstance(fact, AttestedEligibility):
        return {"of": fact.donation, "verdict": fact.verdict, "reactive": list(fact.reactive)}
    result = known.results.get(fact.result)
    of, assay = (result.of, result.assay) if result else ("", "")
    return {"of": of, "assay": assay, "result": fact.result, "value": fact.value}
