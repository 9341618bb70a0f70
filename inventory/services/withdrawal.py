"""What a withdrawal of consent does to everything that came from the donor, in the withdrawal's own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.services.service import service
from consent.domain.form import WithdrawalStage
from consent.queries.consent import has_authorised
from inventory.domain.hold import HoldKind
from inventory.domain.notice import NoticeKind
from inventory.domain.unit import UnitState
from inventory.domain.withdrawal import is_past
from inventory.models.hold import Hold
from inventory.models.unit import Unit
from inventory.queries.hold import open_holds_of_consent
from inventory.queries.release import picked_for_issued
from inventory.queries.unit import donations_reached, lock_units, units_of_source
from inventory.services.hold import NewHold, place_holds
from inventory.services.notice import tell_sites
from inventory.services.referral import refer_units
from inventory.services.void import take_back


@dataclass(frozen=True)
class ReducedConsent:
    """Which consent allows less, and whose: the mother's reaches all her infants' units, an infant's own only its own.

    An authorisation after death, of ``deceased_id``, reaches what was recovered from that infant and nothing else, and
    no consent of a birth reaches what was recovered. ``until`` is the stage up to which its form says that this stops
    a unit.
    """

    donor_id: int
    consent: str
    until: WithdrawalStage
    because: str
    infant_id: int | None = None
    deceased_id: int | None = None


@service
def stop_after_withdrawal(withdrawn: ReducedConsent, *, by: Person, at: datetime) -> None:
    """Void, quarantine and hold what came from a donor, and tell the sites of what has left.

    The caller holds the donor's row: nothing of the donor's can be reserved, released or handed over meanwhile. A unit
    past the stage that the form names keeps its state; the hold on the donor stops it all the same until the medical
    director, to whom it is referred at once, has decided.
    """
    because = withdrawn.because
    unit_ids = units_of_source(withdrawn.donor_id, withdrawn.infant_id, withdrawn.deceased_id)
    past = past_their_stage(withdrawn.until, unit_ids)
    take_back([unit_id for unit_id in unit_ids if unit_id not in past], because=because, by=by, at=at)
    holds = _hold_source(withdrawn, by=by, at=at)
    units = lock_units(unit_ids)
    late = [unit for unit in units if unit.pk in past]
    on_each = {unit.pk: holds.get(unit.donation_id) or next(iter(holds.values())) for unit in late}
    refer_units(late, on_each, consent=withdrawn.consent, stage=withdrawn.until, because=because, by=by, at=at)
    tell_sites(NoticeKind.CONSENT_WITHDRAWAL, units, promised=past, because=because, by=by, at=at)


def past_their_stage(until: WithdrawalStage, unit_ids: Sequence[int]) -> set[int]:
    """Return the units, their donors locked, that have passed the stage up to which this form stops them."""
    picked = picked_for_issued(unit_ids)
    units = Unit.objects.filter(pk__in=unit_ids)
    return {unit.pk for unit in units if is_past(until, UnitState(unit.state), picked=unit.pk in picked)}


def _hold_source(withdrawn: ReducedConsent, *, by: Person, at: datetime) -> dict[int | None, Hold]:
    """Hold the donor, or each donation of the infant that answered itself; return the open holds by donation id.

    A hold of the donor's stands under None, and so does an infant's that has no donation yet: the donor is held then,
    and with her whatever comes. Once a recovery after death is authorised, births and recoveries are answered for
    apart, and only the donations spoken of are held.
    """
    reached = _to_hold(withdrawn)
    there = open_holds_of_consent(withdrawn.donor_id, [each for each in reached if each is not None])
    wanted = [each for each in reached if each not in there]
    kind, because = HoldKind.CONSENT_WITHDRAWN, withdrawn.because
    news = [
        NewHold(kind=kind, reason=because, donor_id=withdrawn.donor_id)
        if donation_id is None
        else NewHold(kind=kind, reason=because, donation_id=donation_id)
        for donation_id in wanted
    ]
    placed = place_holds(news, by=by, at=at) if news else []
    return there | {hold.donation_id: hold for hold in placed}


def _to_hold(withdrawn: ReducedConsent) -> Sequence[int | None]:
    """Return the donations to hold, or None alone for the donor herself."""
    donations = donations_reached(withdrawn.donor_id, withdrawn.infant_id, withdrawn.deceased_id)
    if withdrawn.deceased_id is not None or has_authorised(withdrawn.donor_id):
        return donations
    return [None] if withdrawn.infant_id is None or not donations else donations
