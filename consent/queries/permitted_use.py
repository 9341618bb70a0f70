"""What donors' consents permit for a purpose, in a constant number of queries."""

from collections.abc import Collection, Iterable
from datetime import UTC

from consent.domain.attestation import attested_by
from consent.domain.decision import permitted_use
from consent.domain.form import Extent, FormStatus
from consent.domain.permitted_use import ConsentFacts, PermittedUse, Purpose, Verdict
from consent.domain.standing import Source, grants_human_application, terms_that_hold
from consent.domain.use_review import with_review
from consent.queries.consent import latest_consents
from consent.queries.strand import ConsentAsOf
from consent.queries.use_review import reviews_of


def permitted_uses(
    sources: Iterable[Source], purpose: Purpose, *, upheld: Collection[str] = ()
) -> dict[Source, PermittedUse]:
    """Return, for each source, whether the consent as recorded now permits the purpose at its instant, and why.

    Where the rules alone say REVIEW, the signed answer for the protocol version and the form version holds. Never as of
    an instant's record: what is decided on it is decided under the donor's lock.
    """
    latest = latest_consents(sources, purpose.at, upheld=upheld)
    by_rule = {source: use_by_rule(each, purpose) for source, each in latest.items()}
    asked = {source: latest[source].consent for source, use in by_rule.items() if use.verdict is Verdict.REVIEW}
    forms = {source: consent.form_id for source, consent in asked.items() if consent is not None}
    answers = reviews_of(purpose.protocol, purpose.protocol_version, set(forms.values())) if forms else {}
    return {source: with_review(use, answers.get(forms.get(source, 0))) for source, use in by_rule.items()}


def use_by_rule(latest: ConsentAsOf, purpose: Purpose) -> PermittedUse:
    """Return what the rules alone say of one consent, whatever a person has answered."""
    return permitted_use(_facts(latest), purpose)


def _facts(latest: ConsentAsOf) -> ConsentFacts:
    consent = latest.consent
    if consent is None:
        return ConsentFacts(standing=latest.standing, human_application=None)
    return ConsentFacts(
        standing=latest.standing,
        consent=consent.code,
        attested=attested_by(consent.attested_by, consent.document_sha256),
        form_known=consent.form.status != FormStatus.DRAFT.value,
        collection_only=consent.form.extent == Extent.COLLECTION_ONLY.value,
        given_on=consent.given_at.astimezone(UTC).date(),
        human_application=grants_human_application(latest.answers),
        terms=terms_that_hold(latest.answers),
    )
