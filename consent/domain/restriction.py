"""What each modifier of a consent says to a purpose: one rule for every DUO modifier."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from consent.domain.duo import (
    ANCESTRY_ONLY,
    CLINICAL_CARE,
    COLLABORATION,
    ETHICS_APPROVAL,
    GENETIC_ONLY,
    GEOGRAPHIC,
    INSTITUTION_SPECIFIC,
    MORATORIUM,
    NO_ANCESTRY,
    NO_METHODS,
    NON_COMMERCIAL,
    NOT_FOR_PROFIT,
    NOT_FOR_PROFIT_NON_COMMERCIAL,
    PROJECT_SPECIFIC,
    PUBLICATION,
    RESEARCH_SPECIFIC,
    RETURN_RESULTS,
    TIME_LIMIT,
    USER_SPECIFIC,
    comparable,
    date_of,
    months_of,
    names_of,
)
from consent.domain.permitted_use import ConsentFacts, Finding, Purpose, Term, Verdict

Rule = Callable[[Term, ConsentFacts, Purpose], Finding]


def findings_on_restrictions(consent: ConsentFacts, purpose: Purpose) -> list[Finding]:
    """Return what every modifier of the consent says to the purpose."""
    return [RULES[term.duo](term, consent, purpose) for term in consent.terms if term.duo in RULES]


def _refused_if(refusal: str, *, violated: bool | None, unknown: str = "") -> Finding:
    if violated is None:
        return Finding(Verdict.REVIEW, unknown)
    return Finding(Verdict.DENY, refusal) if violated else Finding(Verdict.ALLOW)


def _any(*answers: bool | None) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _not_for_profit(_term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    """NPU and NPUNCU: neither a company nor a commercial purpose."""
    return _refused_if(
        "The consent is for non-profit organisations and purposes only.",
        violated=_any(purpose.for_profit, purpose.commercial),
        unknown="Whether requester and purpose are non-profit is not known.",
    )


def _non_commercial(_term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    refusal = "The consent is for non-commercial purposes only."
    return _refused_if(refusal, violated=purpose.commercial, unknown="Whether the purpose is commercial is not known.")


def _genetic_only(_term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    violated = None if purpose.genetic is None else not purpose.genetic
    refusal = "The consent is for genetic studies only, and this one collects no genetic data."
    return _refused_if(refusal, violated=violated, unknown="Whether the study collects genetic data is not known.")


def _no_methods(_term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    refusal = "The consent excludes the development of methods."
    return _refused_if(refusal, violated=purpose.methods, unknown="Whether the study develops methods is not known.")


def _no_ancestry(_term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    violated = ANCESTRY_ONLY in purpose.duo
    return _refused_if("The consent excludes research on population origins or ancestry.", violated=violated)


def _ethics_approval(_term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    if purpose.ethics_approved:
        return Finding(Verdict.ALLOW)
    return Finding(Verdict.REVIEW, "The consent asks for an ethics approval, and none is documented.")


def _time_limit(term: Term, consent: ConsentFacts, purpose: Purpose) -> Finding:
    months = months_of(term.parameter)
    if months is None or consent.given_on is None:
        return Finding(Verdict.REVIEW, "The consent is limited in time, but until when is not known.")
    last = months_later(consent.given_on, months)
    return _refused_if(f"The consent's time limit passed on {last}.", violated=last is not None and last < purpose.on)


def months_later(day: date, months: int) -> date | None:
    """Return the same day so many months later, or the month's last; None when that is beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _moratorium(term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
    until = date_of(term.parameter)
    if until is None:
        return Finding(Verdict.REVIEW, "The consent sets a publication moratorium without a readable date.")
    waits = until > purpose.on
    return Finding(Verdict.ALLOW, obligation=f"Results are not published before {until}." if waits else "")


def _named(what: str, stated: Callable[[Purpose], str]) -> Rule:
    def rule(term: Term, _consent: ConsentFacts, purpose: Purpose) -> Finding:
        names, name = names_of(term.parameter), comparable(stated(purpose))
        if not names or not name:
            text = f"The consent is limited to a named {what}, and the consent or the purpose does not name one."
            return Finding(Verdict.REVIEW, text)
        return _refused_if(f"The consent is limited to another {what}.", violated=name not in names)

    return rule


def _obligation(text: str) -> Rule:
    def rule(_term: Term, _consent: ConsentFacts, _purpose: Purpose) -> Finding:
        return Finding(Verdict.ALLOW, obligation=text)

    return rule


def _abstain(term: Term, _consent: ConsentFacts, _purpose: Purpose) -> Finding:
    detail = f" ({term.parameter})" if term.parameter else ""
    return Finding(
        Verdict.REVIEW, f"The consent is limited to a certain type of research{detail}: a person must judge."
    )


def _says_nothing(_term: Term, _consent: ConsentFacts, _purpose: Purpose) -> Finding:
    """CC: whether cells may be given to human beings is asked by a statement of its own, never read from this."""
    return Finding(Verdict.ALLOW)


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        RESEARCH_SPECIFIC: _abstain,
        NO_METHODS: _no_methods,
        GENETIC_ONLY: _genetic_only,
        NOT_FOR_PROFIT_NON_COMMERCIAL: _not_for_profit,
        PUBLICATION: _obligation("Results are published."),
        COLLABORATION: _obligation("The study collaborates with the bank's investigators."),
        ETHICS_APPROVAL: _ethics_approval,
        GEOGRAPHIC: _named("country", lambda purpose: purpose.country),
        MORATORIUM: _moratorium,
        TIME_LIMIT: _time_limit,
        USER_SPECIFIC: _named("user", lambda purpose: purpose.user),
        PROJECT_SPECIFIC: _named("protocol", lambda purpose: purpose.protocol),
        INSTITUTION_SPECIFIC: _named("institution", lambda purpose: purpose.institution),
        RETURN_RESULTS: _obligation("Results are returned to the bank."),
        CLINICAL_CARE: _says_nothing,
        NO_ANCESTRY: _no_ancestry,
        NOT_FOR_PROFIT: _not_for_profit,
        NON_COMMERCIAL: _non_commercial,
    }
)
