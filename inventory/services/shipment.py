"""The journey of a release: packed at the bank and handed to the courier, past its gates."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.service import service
from inventory.domain.gate import Step
from inventory.domain.release import ReleaseKind
from inventory.domain.request import RequestStatus
from inventory.domain.shipment import ShipmentKind, ShipmentRefused, Shipper
from inventory.models.release import Release
from inventory.models.shipment import Shipment
from inventory.queries.hold import open_holds_on
from inventory.queries.release import picks_of
from inventory.queries.request import LockedRequest, lock_request_chain
from inventory.queries.shipment import lock_around, packed_for
from inventory.queries.waiver import conditions_of, is_acknowledged
from inventory.services.journey import LONGEST_NAME, Load, NewShipment, check_packed, depart, pack_load
from inventory.services.release import check_still_releasable, standing_release, void_if_standing
from inventory.services.void import end_reservations


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
    new = NewShipment(
        kind=ShipmentKind.RELEASE,
        to_site=locked.request.site,
        unit_ids=tuple(unit.pk for unit in locked.units),
        **vars(packing),
    )
    holds = open_holds_on(new.unit_ids)
    load = Load(
        new=new,
        units=locked.units,
        release=standing,
        released=frozenset(standing.units.values_list("unit__code", flat=True)),
        picked=picks_of(standing.pk),
        held=[unit_id for unit_id, found in holds.items() if found],
        also=_named(locked),
        told={"release": standing.reference, "conditions": conditions_of(standing)},
    )
    return pack_load(load, by=by, at=at)


@service
def hand_over_release(shipment: Shipment, *, to: str, by: Person, at: datetime) -> Shipment:
    """Give a packed release to the courier, who holds it from now on; all nine gates are asked a last time.

    Raises ``NotReleasable`` where one fails, which makes the release void, and ``ShipmentRefused``.
    """
    check_text(to, "to", longest=LONGEST_NAME)
    release = release_of(shipment)
    locked = lock_request_chain(release.request_id)
    loaded = lock_around(shipment.pk, locked.units)
    check_packed(loaded.shipment)
    standing = standing_release(locked, release, status="issued")
    _check_acknowledged(standing)
    void = partial(void_if_standing, standing, because="A gate failed at the hand-over.", by=by, at=at)
    check_still_releasable(Step.HAND_OVER, standing, locked, void, by=by, at=at)
    end_reservations(locked.units, because=f"Handed over to {to} in {shipment.reference}.", at=at)
    locked.request.status = RequestStatus.COMPLETED.value
    locked.request.save(update_fields=["status"])
    return depart(loaded, to=to, also=(standing.reference, *_named(locked)), by=by, at=at)


def release_of(shipment: Shipment) -> Release:
    """Return the release that a shipment carries. Raises ``ShipmentRefused`` for any other journey."""
    if shipment.release is None:
        raise ShipmentRefused(f"{shipment.reference} is no shipment of a release.")
    return shipment.release


def _check_acknowledged(release: Release) -> None:
    if release.kind != ReleaseKind.NORMAL and not is_acknowledged(release.pk):
        raise ShipmentRefused(
            f"{release.reference} leaves gates open and its site has not acknowledged the condition.", field="release"
        )


def _named(locked: LockedRequest) -> tuple[str, ...]:
    """Return the codes that an entry about the journey of a release names beside its own."""
    return (locked.request.reference, locked.request.protocol.code)
