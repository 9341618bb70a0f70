"""What donors' consents permit for a purpose, in a constant number of queries."""

from collections.abc import Iterable
from datetime import UTC

from consent.domain.decision import permitted_use
from consent.domain.form import Extent, FormStatus
from consent.domain.permitted_use import ConsentFacts, PermittedUse, Purpose
from consent.domain.standing import grants_human_application, terms_that_hold
from consent.queries.consent import ConsentAsOf, latest_consents


def permitted_uses(donor_ids: Iterable[int], purpose: Purpose) -> dict[int, PermittedUse]:
    """Return, for each donor, whether the consent as recorded now permits the purpose, and why.

    Never as of an instant: what is decided on it is decided under the donor's lock.
    """
    return {donor_id: permitted_use(_facts(latest), purpose) for donor_id, latest in latest_consents(donor_ids).items()}


def _facts(latest: ConsentAsOf) -> ConsentFacts:
    consent = latest.consent
    if consent is None:
        return ConsentFacts(standing=latest.standing, human_application=None)
    return ConsentFacts(
        standing=latest.standing,
        consent=consent.code,
        form_known=consent.form.status != FormStatus.DRAFT.value,
        collection_only=consent.form.extent == Extent.COLLECTION_ONLY.value,
        given_on=consent.given_at.astimezone(UTC).date(),
        human_application=grants_human_application(latest.answers),
        terms=terms_that_hold(latest.answers),
    )
