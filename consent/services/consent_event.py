"""Writing what happens to a consent that is there, and telling the other apps where the donor allows less by it."""

from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from consent.domain.consent import STATES, EventKind, WithdrawalScope
from consent.models.consent import Consent, ConsentEvent
from consent.signals import consent_reduced


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What happens to a consent, when it took effect, and why."""

    kind: EventKind
    occurred_at: datetime
    reason: str = ""
    scope: WithdrawalScope | None = None


def add_event(consent: Consent, happening: Happening, *, by: Person, at: datetime) -> ConsentEvent:
    """Write one event of a consent whose donor is locked, and the status that follows from it."""
    status = STATES[happening.kind].value
    if consent.status != status:
        consent.status = status
        consent.save(update_fields=["status"])
    return ConsentEvent.objects.create(
        consent=consent,
        kind=happening.kind.value,
        scope=happening.scope.value if happening.scope else "",
        occurred_at=happening.occurred_at,
        at=at,
        by=by,
        reason=happening.reason,
    )


def tell_reduced(consent: Consent, happening: Happening, *, by: Person, at: datetime) -> None:
    """Have everything that no longer is allowed stopped, in this same transaction and under the donor's lock."""
    consent_reduced.send(
        sender=Consent,
        donor=consent.donor,
        consent=consent,
        kind=happening.kind,
        infant=consent.infant,
        scope=happening.scope,
        reason=happening.reason,
        by=by,
        at=at,
    )
