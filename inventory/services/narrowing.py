"""What a narrowed, replaced or expired consent does to units: only what is no longer allowed is stopped, at once."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from biobank.services.service import service
from inventory.domain.acceptance import obstacles_of_consent
from inventory.domain.hold import HoldKind
from inventory.domain.notice import NoticeKind
from inventory.domain.unit import UnitState, Use
from inventory.domain.withdrawal import LEFT
from inventory.models.unit import Unit
from inventory.queries.acceptance import donor_consents
from inventory.queries.background import Background
from inventory.queries.gate import purpose_of
from inventory.queries.gate_facts import permits
from inventory.queries.reservation import active_reservations
from inventory.queries.shipment import last_release_shipments
from inventory.queries.unit import lock_units, units_of_source
from inventory.services.hold import NewHold, place_holds
from inventory.services.notice import tell_sites
from inventory.services.referral import refer_units
from inventory.services.void import ACCEPTED, let_go, take_back
from inventory.services.withdrawal import ReducedConsent, past_their_stage


@service
def stop_what_is_not_allowed(reduced: ReducedConsent, *, tells_sites: bool, by: Person, at: datetime) -> None:
    """Quarantine what is accepted for a use no longer allowed, let go what is promised to a study no longer allowed.

    The caller holds the donor's row. A unit past the stage that the form names is left as it is, held, and referred to
    the medical director; ``tells_sites`` opens notices about what has left for a study no longer allowed.
    """
    unit_ids = units_of_source(reduced.donor_id, reduced.infant_id, reduced.deceased_id)
    units = list(Unit.objects.filter(pk__in=unit_ids).order_by("pk"))
    past = past_their_stage(reduced.until, unit_ids)
    unaccepted, unpromised = _no_longer_accepted(units, at=at), _no_longer_promised(units, at=at)
    because = reduced.because
    take_back(unaccepted - past, because=because, by=by, at=at)
    let_go(unpromised - unaccepted - past, because=because, by=by, at=at)
    late = [unit for unit in lock_units(unit_ids) if unit.pk in past & (unaccepted | unpromised)]
    _hold_and_refer(late, reduced, by=by, at=at)
    gone = _gone_to_studies_not_allowed(units, at=at) if tells_sites else []
    promised = {unit.pk for unit in late}
    tell_sites(NoticeKind.CONSENT_WITHDRAWAL, [*gone, *late], promised=promised, because=because, by=by, at=at)


def _no_longer_accepted(units: Sequence[Unit], *, at: datetime) -> set[int]:
    """Return the units that stand accepted for a use that some donor behind them does not allow now."""
    accepted = [unit for unit in units if UnitState(unit.state) in ACCEPTED and unit.use]
    consents = donor_consents(Background(accepted), at=at) if accepted else {}
    return {unit.pk for unit in accepted if obstacles_of_consent(Use(unit.use), consents[unit.pk])}


def _no_longer_promised(units: Sequence[Unit], *, at: datetime) -> set[int]:
    """Return the reserved and released units whose study some donor behind them does not allow now."""
    reservations = active_reservations([unit.pk for unit in units])
    asked = [(unit, reservations[unit.pk].request.protocol) for unit in units if unit.pk in reservations]
    return {unit.pk for unit, protocol in asked if not permits(unit, purpose_of(protocol, at))}


def _gone_to_studies_not_allowed(units: Sequence[Unit], *, at: datetime) -> list[Unit]:
    left = [unit for unit in units if UnitState(unit.state) in LEFT]
    journeys = last_release_shipments([unit.pk for unit in left])
    gone = []
    for unit in left:
        release = journeys[unit.pk].release if unit.pk in journeys else None
        if release is not None and not permits(unit, purpose_of(release.request.protocol, at)):
            gone.append(unit)
    return gone


def _hold_and_refer(late: Sequence[Unit], reduced: ReducedConsent, *, by: Person, at: datetime) -> None:
    if not late:
        return
    kind, because = HoldKind.CONSENT_WITHDRAWN, reduced.because
    placed = place_holds([NewHold(kind=kind, reason=because, unit_id=unit.pk) for unit in late], by=by, at=at)
    holds = {hold.unit_id: hold for hold in placed if hold.unit_id is not None}
    refer_units(late, holds, consent=reduced.consent, stage=reduced.until, because=because, by=by, at=at)
