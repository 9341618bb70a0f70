"""Whether the permissions of a consent cover each use that a purpose asks for."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from consent.domain.disease import is_known, label, path
from consent.domain.duo import (
    ANCESTRY_ONLY,
    BIOMEDICAL,
    CLINICAL_CARE,
    DISEASE_SPECIFIC,
    GENERAL_RESEARCH,
    MODIFIERS,
    NO_RESTRICTION,
    PERMISSIONS,
    shorthand,
)
from consent.domain.permitted_use import Finding, Purpose, Term, Verdict

# Which permissions cover a use that is asked for by its DUO term. Disease-specific research and the development of
# methods are asked otherwise: by the disease, and by a question of its own.
COVERED_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        NO_RESTRICTION: frozenset({NO_RESTRICTION}),
        GENERAL_RESEARCH: frozenset({NO_RESTRICTION, GENERAL_RESEARCH}),
        BIOMEDICAL: frozenset({NO_RESTRICTION, GENERAL_RESEARCH, BIOMEDICAL}),
        ANCESTRY_ONLY: frozenset({NO_RESTRICTION, GENERAL_RESEARCH, ANCESTRY_ONLY}),
    }
)
ANY_DISEASE = COVERED_BY[BIOMEDICAL]

_LOOSEST_FIRST = (Verdict.ALLOW, Verdict.REVIEW, Verdict.DENY)


def findings_on_permissions(terms: Iterable[Term], purpose: Purpose) -> list[Finding]:
    """Return one finding for each use asked for, and one for each thing the purpose leaves unclear."""
    held = tuple(terms)
    findings = [_best(use, [_covers_use(term, use) for term in held]) for use in _uses_asked(purpose)]
    if purpose.disease:
        findings.append(_best(purpose.disease, [_covers_disease(term, purpose.disease) for term in held]))
    if purpose.methods:
        findings.append(_best("methods development", [_covers_methods(term) for term in held]))
    return [*findings, *_unclear(purpose, asked=bool(findings)), *_unreadable(held)]


def _uses_asked(purpose: Purpose) -> list[str]:
    return sorted(purpose.duo & COVERED_BY.keys())


def _best(asked: str, judged: Iterable[Finding | None]) -> Finding:
    """Return what the most permissive permission says: granted permissions add up."""
    findings = [finding for finding in judged if finding is not None]
    ranked = sorted(findings, key=lambda found: (_LOOSEST_FIRST.index(found.verdict), len(found.disease_path)))
    what = shorthand(asked) if asked in PERMISSIONS else label(asked)
    return ranked[0] if ranked else Finding(Verdict.DENY, f"The consent permits no use that covers {what}.")


def _covers_use(term: Term, use: str) -> Finding | None:
    if term.duo in COVERED_BY[use]:
        return Finding(Verdict.ALLOW, f"{shorthand(term.duo)} covers {shorthand(use)}.")
    return _if_unreadable(term)


def _covers_methods(term: Term) -> Finding | None:
    if term.duo in PERMISSIONS:
        return Finding(Verdict.ALLOW, f"{shorthand(term.duo)} covers the development of methods.")
    return _if_unreadable(term)


def _covers_disease(term: Term, disease: str) -> Finding | None:
    if term.duo in ANY_DISEASE:
        return Finding(Verdict.ALLOW, f"{shorthand(term.duo)} covers {label(disease)}.")
    if term.duo == DISEASE_SPECIFIC:
        return _covers_by_ancestry(term.mondo, disease)
    return _if_unreadable(term)


def _covers_by_ancestry(consented: str, disease: str) -> Finding:
    links = path(disease, consented)
    if links is not None:
        return Finding(Verdict.ALLOW, f"Consent for {label(consented)} covers {label(disease)}.", disease_path=links)
    unknown = next((mondo for mondo in (consented, disease) if not is_known(mondo)), None)
    if unknown is not None:
        text = f"{unknown or 'A disease'} is not in the table of liver diseases: a person must judge."
        return Finding(Verdict.REVIEW, text)
    if path(consented, disease) is not None:
        return Finding(Verdict.DENY, f"{label(disease)} is broader than the consent, which is for {label(consented)}.")
    return Finding(Verdict.DENY, f"Consent for {label(consented)} does not cover {label(disease)}.")


def _unclear(purpose: Purpose, *, asked: bool) -> list[Finding]:
    texts = [f"The purpose names {duo}, which is no DUO term in use." for duo in sorted(purpose.duo - _IN_USE)]
    if DISEASE_SPECIFIC in purpose.duo and not purpose.disease:
        texts.append("The purpose is disease specific but names no disease.")
    elif not asked:
        texts.append("The purpose names neither a disease nor a use.")
    if CLINICAL_CARE in purpose.duo and purpose.human_application is not True:
        texts.append("The purpose names clinical care, but not that cells are given to human beings.")
    return [Finding(Verdict.REVIEW, text) for text in texts]


def _unreadable(terms: tuple[Term, ...]) -> list[Finding]:
    return [finding for finding in map(_if_unreadable, terms) if finding is not None]


def _if_unreadable(term: Term) -> Finding | None:
    if term.duo in _IN_USE:
        return None
    return Finding(Verdict.REVIEW, f"The consent names {term.duo}, which is no DUO term in use.")


_IN_USE = PERMISSIONS | MODIFIERS
