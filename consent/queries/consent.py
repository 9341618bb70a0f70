"""How donors' consents stand, by codes alone, now or as of an instant, in a constant number of queries.

Whoever decides under the donors' locks asks how consents stand, without an instant: the clock was read before the lock
was waited for, and what was recorded meanwhile counts. Histories ask as of an instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from consent.domain.consent import (
    STANDINGS,
    ConsentState,
    ConsentStatus,
    EarlierConsent,
    EventKind,
    WithdrawalScope,
)
from consent.domain.disease import label
from consent.domain.duo import is_permission, shorthand
from consent.domain.form import Extent
from consent.domain.permitted_use import Standing, Term
from consent.domain.standing import Answered, grants_human_application, standing_without_consent, terms_that_hold
from consent.models.consent import Answer, Consent, ConsentEvent
from consent.models.donor import Donor
from consent.models.form import Statement


@dataclass(frozen=True)
class ConsentAsOf:
    """One donor's latest consent at an instant, with the event that decides how it stands."""

    donor: Donor
    standing: Standing
    consent: Consent | None = None
    last: ConsentEvent | None = None
    answers: tuple[Answered, ...] = ()


def latest_consents(donor_ids: Iterable[int], at: datetime | None = None) -> dict[int, ConsentAsOf]:
    """Return each donor's latest consent as recorded, or as it stood at an instant; one who had none stands so."""
    wanted = set(donor_ids)
    deciding = _deciding_events(wanted, at)
    consents = [event.consent for event in deciding.values()]
    prefetch_related_objects(
        consents,
        Prefetch("answers", Answer.objects.order_by("id")),
        Prefetch("form__statements", Statement.objects.order_by("order")),
    )
    found = {donor_id: _as_of(event) for donor_id, event in deciding.items()}
    if without := wanted - set(found):
        donors = Donor.objects.in_bulk(without)
        found |= {id_: ConsentAsOf(donor, standing_without_consent(donor.origin)) for id_, donor in donors.items()}
    return found


def latest_consent(donor_id: int) -> Consent | None:
    """Return the donor's latest consent as it stands now, under the donor's lock."""
    return Consent.objects.select_related("form").filter(donor_id=donor_id).order_by("-id").first()


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


def consent_status(donor_ids: Iterable[int], at: datetime | None = None) -> dict[int, ConsentStatus]:
    """Return how each donor's consent stands, or stood at an instant; nothing in it names a person."""
    return {donor_id: _status(latest) for donor_id, latest in latest_consents(donor_ids, at).items()}


def _deciding_events(donor_ids: Iterable[int], at: datetime | None) -> dict[int, ConsentEvent]:
    """Return, by donor id, the last event of the latest consent not superseded, of all or as recorded by then."""
    last: dict[int, ConsentEvent] = {}
    rows = ConsentEvent.objects.filter(consent__donor_id__in=list(donor_ids))
    if at is not None:
        rows = rows.filter(consent__recorded_at__lte=at, at__lte=at)
    rows = rows.select_related("consent__form", "consent__donor")
    for event in rows.order_by("consent_id", "id"):
        last[event.consent_id] = event
    standing = (event for event in last.values() if EventKind(event.kind) is not EventKind.SUPERSEDED)
    return {event.consent.donor_id: event for event in standing}


def _as_of(event: ConsentEvent) -> ConsentAsOf:
    consent = event.consent
    return ConsentAsOf(consent.donor, STANDINGS[EventKind(event.kind)], consent, event, _answered(consent))


def _answered(consent: Consent) -> tuple[Answered, ...]:
    granted = {answer.statement_id: answer.granted for answer in consent.answers.all()}
    return tuple(
        Answered(
            granted=granted.get(statement.id),
            term=Term(statement.duo, statement.mondo, statement.parameter),
            human_application=statement.human_application,
            applies_when_refused=statement.applies_when_refused,
        )
        for statement in consent.form.statements.all()
    )


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
        ended_at=None if latest.standing is Standing.ACTIVE else last.occurred_at,
        withdrawal_scope=last.scope,
        human_application=grants_human_application(latest.answers),
        witnessed=consent.witness_id is not None,
        permissions=tuple(_in_words(term) for term in terms if is_permission(term.duo)),
        restrictions=tuple(_in_words(term) for term in terms if not is_permission(term.duo)),
    )


def _in_words(term: Term) -> str:
    detail = label(term.mondo) if term.mondo else term.parameter
    return f"{shorthand(term.duo)}: {detail}" if detail else shorthand(term.duo)
