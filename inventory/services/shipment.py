"""The journey of a release: packed at the bank and handed to the courier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.gate import Step
from inventory.domain.release import ReleaseKind
from inventory.domain.request import RequestStatus
from inventory.domain.shipment import (
    FROZEN_KINDS,
    ItemFacts,
    PackingFacts,
    ShipmentKind,
    ShipmentRefused,
    Shipper,
    check_packing,
    obstacles_to_leaving,
)
from inventory.domain.unit import Event, UnitState
from inventory.models.release import Release
from inventory.models.shipment import Shipment, ShipmentItem
from inventory.models.unit import Unit
from inventory.queries.hold import open_holds_on
from inventory.queries.placement import places_of
from inventory.queries.release import picks_of
from inventory.queries.request import LockedRequest, lock_request_chain
from inventory.queries.sample import lock_samples
from inventory.queries.shipment import attached_sample_ids, lock_shipment, packed_for
from inventory.queries.waiver import conditions_of, is_acknowledged
from inventory.services.release import check_still_releasable, standing_release, void_if_standing
from inventory.services.sample import change_holder
from inventory.services.unit import Change, change_states
from inventory.services.void import end_reservations

LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True)
class Packing:
    """How a release travels: shipper and logger by their codes, seal and courier."""

    from_site: Site
    shipper_code: str
    logger_code: str
    courier: str
    seal_code: str = ""
    shipper: Shipper = Shipper.DRY_SHIPPER


@service
def pack_release(release: Release, packing: Packing, *, by: Person, at: datetime) -> Shipment:
    """Pack all units of an issued release, each picked before. Raises ``ShipmentRefused`` with every obstacle."""
    locked = lock_request_chain(release.request_id)
    standing = standing_release(locked, release, status="issued")
    if earlier := packed_for(standing.pk):
        raise ShipmentRefused(f"{standing.reference} is packed already, in {earlier.reference}.", field="release")
    check_packing(_packing_facts(standing, packing, locked))
    shipment = Shipment.objects.create(
        reference=new_code("SHP"),
        kind=ShipmentKind.RELEASE.value,
        from_site=packing.from_site,
        to_site=locked.request.site,
        release=standing,
        shipper=packing.shipper.value,
        shipper_code=packing.shipper_code,
        seal_code=packing.seal_code,
        logger_code=packing.logger_code,
        courier=packing.courier,
        packed_at=at,
        packed_by=by,
    )
    ShipmentItem.objects.bulk_create(ShipmentItem(shipment=shipment, unit=unit) for unit in locked.units)
    new = {
        "shipment": shipment.reference,
        "release": standing.reference,
        "from": packing.from_site.code,
        "to": shipment.to_site.code,
        "shipper": shipment.shipper_code,
        "logger": shipment.logger_code,
        "seal": shipment.seal_code,
        "courier": shipment.courier,
        "units": sorted(unit.code for unit in locked.units),
        "conditions": conditions_of(standing),
    }
    record("shipment.packed", subjects=named_in(shipment, locked), by=by, at=at, new=new)
    return shipment


@service
def hand_over_release(shipment: Shipment, *, to: str, by: Person, at: datetime) -> Shipment:
    """Give a packed release to the courier, who holds it from now on; all nine gates are asked a last time.

    Raises ``NotReleasable`` where one fails, which makes the release void, and ``ShipmentRefused``.
    """
    check_text(to, "to", longest=LONGEST_NAME)
    release = release_of(shipment)
    locked = lock_request_chain(release.request_id)
    shipment = lock_shipment(shipment.pk)
    if shipment.handed_over_at is not None:
        raise ShipmentRefused(f"{shipment.reference} was handed over already.")
    standing = standing_release(locked, release, status="issued")
    _check_out_of_positions(shipment, locked)
    _check_acknowledged(standing)
    void = partial(void_if_standing, standing, because="A gate failed at the hand-over.", by=by, at=at)
    check_still_releasable(Step.HAND_OVER, standing, locked, void, by=by, at=at)
    shipment.handed_over_at, shipment.handed_over_by, shipment.handed_over_to = at, by, to
    shipment.save(update_fields=["handed_over_at", "handed_over_by", "handed_over_to"])
    reason = f"Handed over to {to} in {shipment.reference}."
    new = {"shipment": shipment.reference, "courier": shipment.courier, "to": to}
    record("shipment.handed_over", subjects=named_in(shipment, locked), by=by, at=at, new=new)
    end_reservations(locked.units, because=reason, at=at)
    locked.request.status = RequestStatus.COMPLETED.value
    locked.request.save(update_fields=["status"])
    also = (shipment.reference, standing.reference, locked.request.reference, locked.request.protocol.code)
    change = Change("unit.shipped", Event.SHIPPED, UnitState.SHIPPED, reason, also=also, holder=shipment.reference)
    change_states(locked.units, change, by=by, at=at)
    carry_attached(locked.units, shipment.reference, "shipment.handed_over", shipment, by=by, at=at)
    return shipment


def release_of(shipment: Shipment) -> Release:
    """Return the release that a shipment carries. Raises ``ShipmentRefused`` for any other journey."""
    if shipment.release is None:
        raise ShipmentRefused(f"{shipment.reference} is no shipment of a release.")
    return shipment.release


def _packing_facts(release: Release, packing: Packing, locked: LockedRequest) -> PackingFacts:
    picked, holds = picks_of(release.pk), open_holds_on([unit.pk for unit in locked.units])
    places, codes = _places(locked.units), release.units.values_list("unit__code", flat=True)
    return PackingFacts(
        kind=ShipmentKind.RELEASE,
        shipper=packing.shipper,
        from_site=packing.from_site.code,
        to_site=locked.request.site.code,
        items=tuple(
            ItemFacts(
                code=unit.code,
                state=UnitState(unit.state),
                picked=unit.pk in picked,
                held=bool(holds[unit.pk]),
                frozen=unit.kind in FROZEN_KINDS,
                lies_in=places.get(unit.code, ""),
            )
            for unit in locked.units
        ),
        logger_code=packing.logger_code,
        release=release.reference,
        released_units=frozenset(codes),
        shipper_code=packing.shipper_code,
        seal_code=packing.seal_code,
        courier=packing.courier,
    )


def _places(units: Sequence[Unit]) -> dict[str, str]:
    places = places_of([unit.pk for unit in units])
    return {unit.code: places[unit.pk].code for unit in units if unit.pk in places}


def _check_out_of_positions(shipment: Shipment, locked: LockedRequest) -> None:
    if reasons := obstacles_to_leaving(_places(locked.units)):
        raise ShipmentRefused(f"{shipment.reference} cannot be handed over.", reasons=reasons)


def _check_acknowledged(release: Release) -> None:
    if release.kind != ReleaseKind.NORMAL and not is_acknowledged(release.pk):
        raise ShipmentRefused(
            f"{release.reference} leaves gates open and its site has not acknowledged the condition.", field="release"
        )


def carry_attached(
    units: Sequence[Unit], holder: str, kind: str, shipment: Shipment, *, by: Person, at: datetime
) -> None:
    """Write that the segments still attached to locked units went with them."""
    samples = lock_samples(attached_sample_ids([unit.pk for unit in units]))
    change_holder(samples, holder, kind=kind, also=[shipment.reference], by=by, at=at)


def named_in(shipment: Shipment, locked: LockedRequest) -> tuple[str, ...]:
    """Return the codes that an entry about the journey names."""
    request = locked.request
    codes = (unit.code for unit in locked.units)
    return (shipment.reference, request.reference, request.protocol.code, shipment.to_site.code, *codes)
