"""What a withdrawal of consent does to everything that came from the donor, in the withdrawal's own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.service import service
from consent.domain.form import WithdrawalStage
from inventory.domain.hold import HoldKind
from inventory.domain.unit import UnitState
from inventory.domain.withdrawal import LEFT, is_past
from inventory.models.hold import Hold
from inventory.models.pick import Pick
from inventory.models.unit import Unit
from inventory.queries.reservation import active_reservations
from inventory.queries.shipment import last_release_shipments
from inventory.queries.unit import lock_units, units_of_donors
from inventory.services.hold import NewHold, place_holds
from inventory.services.notice import open_notice
from inventory.services.void import take_back


@dataclass(frozen=True)
class WithdrawnConsent:
    """Whose consent was withdrawn, which one, and up to which stage its form says that this stops a unit."""

    donor_id: int
    consent: str
    until: WithdrawalStage


@service
def stop_after_withdrawal(withdrawn: WithdrawnConsent, *, by: Person, at: datetime) -> None:
    """Void, quarantine and hold what came from a donor, and tell the sites of what has left.

    The caller holds the donor's row: nothing of the donor's can be reserved, released or handed over meanwhile. A unit
    past the stage that the form names keeps its state; the hold on the donor stops it all the same until the medical
    director, who is told with the site, has decided.
    """
    because = f"Consent {withdrawn.consent} was withdrawn."
    unit_ids = units_of_donors([withdrawn.donor_id])
    before = list(Unit.objects.filter(pk__in=unit_ids).order_by("pk"))
    picked = _picked(unit_ids)
    past = {unit.pk for unit in before if is_past(withdrawn.until, UnitState(unit.state), picked=unit.pk in picked)}
    take_back([unit_id for unit_id in unit_ids if unit_id not in past], because=because, by=by, at=at)
    _hold_donor(withdrawn, because, by=by, at=at)
    _tell_sites(lock_units(unit_ids), past, because, by=by, at=at)


def _picked(unit_ids: Sequence[int]) -> set[int]:
    picks = Pick.objects.filter(unit_id__in=unit_ids, release__status="issued")
    return set(picks.values_list("unit_id", flat=True))


def _hold_donor(withdrawn: WithdrawnConsent, because: str, *, by: Person, at: datetime) -> None:
    kind = HoldKind.CONSENT_WITHDRAWN
    if Hold.objects.filter(donor_id=withdrawn.donor_id, kind=kind.value, lifted_at__isnull=True).exists():
        return
    place_holds([NewHold(kind=kind, reason=because, donor_id=withdrawn.donor_id)], by=by, at=at)


def _tell_sites(units: Sequence[Unit], past: set[int], because: str, *, by: Person, at: datetime) -> None:
    """Open one notice to each site that has or had a unit, or waits for one that is past the form's stage."""
    left = last_release_shipments([unit.pk for unit in units if UnitState(unit.state) in LEFT])
    promised = active_reservations(past)
    concerned: dict[int, tuple[Site, list[Unit]]] = {}
    for unit in units:
        if unit.pk in left:
            site = left[unit.pk].to_site
        elif unit.pk in promised:
            site = promised[unit.pk].request.site
        else:
            continue
        concerned.setdefault(site.pk, (site, []))[1].append(unit)
    for _, (site, theirs) in sorted(concerned.items()):
        open_notice("consent_withdrawal", site=site, units=theirs, reason=because, by=by, at=at)
