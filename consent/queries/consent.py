"""How donors' consents stand, by codes alone, at an instant, in a constant number of queries.

An end that has passed by that instant counts whether anybody has recorded it or not. What was recorded counts whenever
it was: whoever decides under the donors' locks read the clock before waiting for them, and what was recorded meanwhile
is true. Histories leave out what was ``recorded_by`` no one yet.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q

from consent.domain.attestation import attested_by
from consent.domain.consent import ConsentState, ConsentStatus, EarlierConsent, WithdrawalScope
from consent.domain.disease import label
from consent.domain.duo import is_permission, shorthand
from consent.domain.form import Extent
from consent.domain.permitted_use import Standing, Term
from consent.domain.standing import Source, grants_human_application, terms_that_hold
from consent.models.consent import Consent
from consent.queries.strand import ConsentAsOf, Strands


def latest_consents(
    sources: Iterable[Source],
    at: datetime,
    *,
    recorded_by: datetime | None = None,
    upheld: Collection[str] = (),
) -> dict[Source, ConsentAsOf]:
    """Return the consent that speaks for each source at an instant: the mother's, or a grown infant's own.

    For what was recovered after death it is the parents' authorisation alone.

    Consents ``upheld``, by code, are read as if they had been neither withdrawn nor narrowed.
    """
    wanted = set(sources)
    strands = Strands({source.donor_id for source in wanted}, recorded_by=recorded_by, upheld=upheld)
    return {source: strands.speaking_for(source, at) for source in sorted(wanted, key=_in_order)}


def latest_consent(donor_id: int, infant_id: int | None = None, deceased_id: int | None = None) -> Consent | None:
    """Return the latest consent of the mother, or of a grown infant, as it stands now under the donor's lock.

    With ``deceased_id`` it is the latest authorisation of that infant's recovery after death.
    """
    whose = Q(infant__isnull=True) if infant_id is None else Q(infant_id=infant_id)
    about = Q(deceased__isnull=True) if deceased_id is None else Q(deceased_id=deceased_id)
    rows = Consent.objects.select_related("form").filter(whose, about, donor_id=donor_id)
    return rows.order_by("-id").first()


def earlier_consent(consent: Consent) -> EarlierConsent:
    """Return what of a consent decides whether another may follow it, or whether it can be withdrawn."""
    state, last = ConsentState(consent.status), consent.events.order_by("id").last()
    return EarlierConsent(
        state=state,
        extent=Extent(consent.form.extent),
        given_at=consent.given_at,
        ended_at=last.occurred_at if last and state is not ConsentState.ACTIVE else None,
        withdrawal_scope=WithdrawalScope(last.scope) if last and last.scope else None,
    )


def consent_status(
    donor_ids: Iterable[int], at: datetime, *, recorded_by: datetime | None = None
) -> dict[int, ConsentStatus]:
    """Return how each donor's consent stands for her first-born; nothing in it names a person."""
    asked = consent_statuses([Source(donor_id) for donor_id in donor_ids], at, recorded_by=recorded_by)
    return {source.donor_id: status for source, status in asked.items()}


def first_given(sources: Iterable[Source]) -> dict[Source, datetime | None]:
    """Return when each source was first consented to, whatever was answered since; None where it never was.

    What was collected at a birth is spoken of by the mother, whoever speaks for it now.
    """
    wanted = set(sources)
    given: dict[tuple[int, int | None], datetime] = {}
    rows = Consent.objects.filter(donor_id__in={source.donor_id for source in wanted}, infant__isnull=True)
    for donor, deceased, at in rows.exclude(status="declined").values_list("donor_id", "deceased_id", "given_at"):
        given[donor, deceased] = min(given.get((donor, deceased), at), at)
    return {each: given.get((each.donor_id, each.infant_id if each.after_death else None)) for each in wanted}


def has_authorised(donor_id: int) -> bool:
    """Whether the parents of any infant of this donor ever authorised a recovery after death."""
    return Consent.objects.filter(donor_id=donor_id, deceased__isnull=False).exclude(status="declined").exists()


def given_at_of(codes: Iterable[str]) -> dict[str, datetime]:
    """Return, by code, when each of these consents was given."""
    return dict(Consent.objects.filter(code__in=set(codes)).values_list("code", "given_at"))


def consent_statuses(
    sources: Iterable[Source], at: datetime, *, recorded_by: datetime | None = None
) -> dict[Source, ConsentStatus]:
    """Return how the consent behind each source stands; nothing in it names a person."""
    return {source: _status(latest) for source, latest in latest_consents(sources, at, recorded_by=recorded_by).items()}


def _in_order(source: Source) -> tuple[int, int, bool]:
    return source.donor_id, source.infant_id or 0, source.after_death


def _status(latest: ConsentAsOf) -> ConsentStatus:
    code, consent, last = latest.donor.donor_code, latest.consent, latest.last
    if consent is None or last is None:
        unknown = None if latest.standing is Standing.UNKNOWN else False
        return ConsentStatus(donor_code=code, standing=latest.standing, human_application=unknown)
    form, terms = consent.form, terms_that_hold(latest.answers)
    return ConsentStatus(
        donor_code=code,
        standing=latest.standing,
        consent=consent.code,
        form=str(form),
        form_code=form.code,
        form_version=form.version,
        form_language=form.language,
        ethics_reference=form.ethics_reference,
        extent=form.extent,
        withdrawal_until=form.withdrawal_until,
        given_at=consent.given_at,
        ends_at=latest.ends_at,
        ended_at=latest.ended_at,
        withdrawal_scope=last.scope,
        by_infant=consent.infant_id is not None,
        human_application=grants_human_application(latest.answers),
        witnessed=consent.witness_id is not None,
        attested=attested_by(consent.attested_by, consent.document_sha256),
        permissions=tuple(_in_words(term) for term in terms if is_permission(term.duo)),
        restrictions=tuple(_in_words(term) for term in terms if not is_permission(term.duo)),
    )


def _in_words(term: Term) -> str:
    detail = label(term.mondo) if term.mondo else term.parameter
    return f"{shorthand(term.duo)}: {detail}" if detail else shorthand(term.duo)
