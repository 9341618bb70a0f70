"""What is due of consents: full consents outstanding, ends that have passed, infants who come of age."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from consent.domain.consent import ConsentState
from consent.domain.duo import TIME_LIMIT
from consent.domain.form import Extent
from consent.domain.majority import LOOK_AHEAD_MONTHS, ages_of_majority
from consent.domain.phase import full_consent_due_at
from consent.domain.restriction import months_later
from consent.models.consent import Consent
from consent.models.donor import Infant
from consent.queries.strand import Strands


@dataclass(frozen=True)
class FullConsentDue:
    """A collection-only consent that waits for the full one."""

    donor_code: str
    consent: str
    given_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class ComingOfAge:
    """An infant, by its order of birth, who comes of age and has not consented itself."""

    donor_code: str
    infant: int
    of_age_at: datetime


def overdue_full_consents(at: datetime) -> list[FullConsentDue]:
    """Return the donors whose full consent is due, the longest first; the instant it is due counts as overdue."""
    hours = settings.BIOBANK_FULL_CONSENT_HOURS
    rows = Consent.objects.filter(
        status=ConsentState.ACTIVE.value,
        form__extent=Extent.COLLECTION_ONLY.value,
        given_at__lte=at - timedelta(hours=hours),
    ).select_related("donor")
    return [
        FullConsentDue(row.donor.donor_code, row.code, row.given_at, full_consent_due_at(row.given_at, hours))
        for row in rows.order_by("given_at", "id")
    ]


def consents_past_their_end(at: datetime) -> list[int]:
    """Return the ids of active consents whose end has passed and is not recorded."""
    with_an_end = Q(ends_at__lte=at) | Q(form__consent_months__isnull=False) | Q(form__statements__duo=TIME_LIMIT)
    rows = Consent.objects.filter(with_an_end, status=ConsentState.ACTIVE.value).order_by("id").distinct()
    ends = Strands({row.donor_id for row in rows}, recorded_by=None, upheld=()).ends()
    return [row.pk for row in rows if (end := ends.get(row.pk)) is not None and end <= at]


def infants_coming_of_age(at: datetime, *, months: int = LOOK_AHEAD_MONTHS) -> list[ComingOfAge]:
    """Return who comes of age within these months, or has, and has no consent of its own while the mother's stands.

    Nobody whose parents were asked for a recovery after death is among them.
    """
    until = _in_months(at, months)
    youngest = min(ages_of_majority().values())
    old_enough = Q(born_at__isnull=True) | Q(born_at__lte=_in_months(until, -12 * youngest) + timedelta(days=2))
    mothers = Q(
        donor__consents__status=ConsentState.ACTIVE.value,
        donor__consents__infant__isnull=True,
        donor__consents__deceased__isnull=True,
    )
    rows = Infant.objects.filter(old_enough, mothers, consents__isnull=True, authorisations__isnull=True)
    infants = list(rows.select_related("donor__site").order_by("donor_id", "order").distinct())
    strands = Strands({infant.donor_id for infant in infants}, recorded_by=None, upheld=())
    found = []
    for infant in infants:
        of_age_at = strands.of_age_at(infant.donor, infant)
        if of_age_at is not None and of_age_at <= until:
            found.append(ComingOfAge(infant.donor.donor_code, infant.order, of_age_at))
    return sorted(found, key=lambda each: (each.of_age_at, each.donor_code, each.infant))


def _in_months(at: datetime, months: int) -> datetime:
    day = months_later(at.date(), months)
    return at if day is None else at.replace(year=day.year, month=day.month, day=day.day)
