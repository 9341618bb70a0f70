"""Recording that consents have expired. They block by the instant itself; this writes it down, for a sweep."""

from datetime import datetime
from functools import partial

from biobank.models.person import Person
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.sweep import sweep_each
from consent.domain.consent import ConsentState, EventKind
from consent.models.consent import Consent
from consent.queries.donor import lock_donors
from consent.queries.due import consents_past_their_end
from consent.queries.strand import Strands
from consent.services.consent_event import Happening, add_event, tell_reduced

ITS_END = "The consent's own end has passed."


def record_expiries(*, by: Person, at: datetime) -> int:
    """Record every consent whose end has passed and is not recorded; return how many there were.

    Raises ``SweepFailed`` once all others are recorded, where some could not be.
    """
    return sweep_each("consent.expire", consents_past_their_end(at), partial(expire_consent, by=by, at=at))


@service
def expire_consent(consent_id: int, *, by: Person, at: datetime) -> bool:
    """Record that one consent has expired, and have what rested on it stopped; nothing where it ended meanwhile."""
    donor = lock_donors([Consent.objects.values_list("donor_id", flat=True).get(pk=consent_id)])[0]
    consent = Consent.objects.select_related("form", "donor").get(pk=consent_id)
    ends_at = Strands({donor.id}, recorded_by=None, upheld=()).ends().get(consent_id)
    if consent.status != ConsentState.ACTIVE.value or ends_at is None or at < ends_at:
        return False
    happening = Happening(kind=EventKind.EXPIRED, occurred_at=ends_at, reason=ITS_END)
    add_event(consent, happening, by=by, at=at)
    record(
        "consent.expired",
        subjects=[donor.donor_code, consent.code],
        by=by,
        at=at,
        reason=ITS_END,
        old={"status": ConsentState.ACTIVE},
        new={"status": consent.status},
        occurred_at=ends_at,
    )
    tell_reduced(consent, happening, by=by, at=at)
    return True
