"""The decision whether a consent permits a purpose: deny before review before allow, with every reason."""

from collections.abc import Mapping
from types import MappingProxyType

from consent.domain.permission import findings_on_permissions
from consent.domain.permitted_use import ConsentFacts, Finding, PermittedUse, Purpose, Standing, Verdict, strictest
from consent.domain.restriction import findings_on_restrictions

_NOT_ACTIVE: Mapping[Standing, Finding] = MappingProxyType(
    {
        Standing.NONE: Finding(Verdict.DENY, "No consent has been recorded."),
        Standing.UNKNOWN: Finding(Verdict.REVIEW, "The donor's consent is not known: it has not been recorded."),
        Standing.DECLINED: Finding(Verdict.DENY, "The donor declined."),
        Standing.WITHDRAWN: Finding(Verdict.DENY, "The donor withdrew her consent."),
        Standing.EXPIRED: Finding(Verdict.DENY, "The consent has expired."),
        Standing.OF_AGE: Finding(Verdict.DENY, "The infant has come of age and has not consented itself."),
    }
)


def why_not_active(standing: Standing) -> str:
    """Return why a consent that stands so permits nothing, whatever is asked; empty for an active one."""
    found = _NOT_ACTIVE.get(standing)
    return found.reason if found else ""


def permitted_use(consent: ConsentFacts, purpose: Purpose) -> PermittedUse:
    """Decide whether the consent permits the purpose; what is not known is for a person to review."""
    findings = _findings(consent, purpose)
    verdict = strictest(finding.verdict for finding in findings)
    # On a refusal every reason that stands in the way, the denying ones first; on ALLOW what carries it.
    worst_first = sorted(findings, key=lambda finding: finding.verdict is not Verdict.DENY)
    shown = [found for found in worst_first if verdict is Verdict.ALLOW or found.verdict is not Verdict.ALLOW]
    return PermittedUse(
        verdict=verdict,
        reasons=tuple(dict.fromkeys(finding.reason for finding in shown if finding.reason)),
        consents=tuple(filter(None, (consent.consent, consent.attested))),
        disease_path=next((finding.disease_path for finding in findings if finding.disease_path), ()),
        obligations=tuple(dict.fromkeys(finding.obligation for finding in findings if finding.obligation)),
    )


def _findings(consent: ConsentFacts, purpose: Purpose) -> list[Finding]:
    if consent.standing is not Standing.ACTIVE:
        return [_NOT_ACTIVE[consent.standing]]
    if not consent.form_known:
        # Answers mean nothing without the questions.
        return [Finding(Verdict.REVIEW, "The version of the consent form is not known.")]
    if consent.collection_only:
        return [Finding(Verdict.DENY, "The consent is for collection only; the full consent is outstanding.")]
    return [
        *findings_on_permissions(consent.terms, purpose),
        *findings_on_restrictions(consent, purpose),
        _human_application(consent, purpose),
    ]


def _human_application(consent: ConsentFacts, purpose: Purpose) -> Finding:
    """Human application is a statement of its own: no permission, however wide, includes it."""
    granted, asked = consent.human_application, purpose.human_application
    if granted or asked is False:
        return Finding(Verdict.ALLOW)
    if granted is None or asked is None:
        return Finding(Verdict.REVIEW, "Whether human application is asked and granted is not known.")
    return Finding(Verdict.DENY, "The consent does not grant human application.")
