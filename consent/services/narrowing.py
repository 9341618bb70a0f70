"""Narrowing a consent: what is taken back is written beside the answers, and reaches every unit at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from consent.domain.consent import EventKind
from consent.domain.narrowing import NarrowingFacts, check_narrowing, nothing_to_narrow
from consent.models.consent import Consent, TakenBack
from consent.models.donor import Donor, Infant
from consent.queries.donor import lock_donors
from consent.queries.strand import ConsentAsOf, Strands
from consent.services.consent_event import Happening, add_event, tell_reduced


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Statements, by key, that the mother, or the infant that answered itself, takes back; the reason names nobody.

    ``deceased`` is the infant of whose recovery after death the parents take something back.
    """

    donor: Donor
    taken_back: Collection[str]
    reason: str
    occurred_at: datetime
    infant: Infant | None = None
    deceased: Infant | None = None


@service
def narrow_consent(narrowing: Narrowing, *, by: Person, at: datetime) -> Consent:
    """Take some granted statements back; the consent stays active, and what it no longer allows is stopped.

    The donor's row is locked first, as for a withdrawal. Raises ``NarrowingRefused`` with every obstacle.
    """
    donor = lock_donors([narrowing.donor.id])[0]
    strands = Strands({donor.id}, recorded_by=None, upheld=())
    latest = strands.latest_of(donor.id, narrowing.infant, at, deceased=narrowing.deceased)
    consent = latest.consent
    if consent is None:
        raise nothing_to_narrow()
    facts = _facts(narrowing, latest, consent)
    check_narrowing(facts, at=at)
    happening = Happening(kind=EventKind.NARROWED, occurred_at=narrowing.occurred_at, reason=narrowing.reason)
    event = add_event(consent, happening, by=by, at=at)
    answers = {answer.statement_id: answer for answer in consent.answers.all()}
    keys = {statement.key: statement.pk for statement in consent.form.statements.all()}
    taken = sorted(set(narrowing.taken_back))
    TakenBack.objects.bulk_create(TakenBack(event=event, answer=answers[keys[key]]) for key in taken)
    record(
        "consent.narrowed",
        subjects=[donor.donor_code, consent.code],
        by=by,
        at=at,
        reason=narrowing.reason,
        old={"granted": sorted(key for key, answered in facts.answers.items() if answered.granted)},
        new={"taken_back": taken},
        occurred_at=narrowing.occurred_at,
    )
    tell_reduced(consent, happening, by=by, at=at)
    return consent


def _facts(narrowing: Narrowing, latest: ConsentAsOf, consent: Consent) -> NarrowingFacts:
    statements = consent.form.statements.all()
    return NarrowingFacts(
        standing=latest.standing,
        given_at=consent.given_at,
        answers={statement.key: each for statement, each in zip(statements, latest.answers, strict=True)},
        taken_back=narrowing.taken_back,
        reason=narrowing.reason,
        occurred_at=narrowing.occurred_at,
    )
