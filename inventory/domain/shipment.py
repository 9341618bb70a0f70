"""Shipments: kinds of journey, what must hold when they are packed, handed over and received."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_texts
from inventory.domain.unit import UnitKind, UnitState


class ShipmentKind(StrEnum):
    COLLECTION = "collection"
    TESTING = "testing"
    TRANSFER = "transfer"
    RELEASE = "release"
    RETURN = "return"


class Shipper(StrEnum):
    BOX = "box"
    DRY_SHIPPER = "dry_shipper"


# What a frozen product must not have been warmer than (docs/sources.md, storage); editable policy of the bank.
WARMEST_FROZEN_CELSIUS = Decimal(-150)
# What a logger can have seen at all: liquid nitrogen boils at -196 °C.
LOGGED_CELSIUS = (Decimal(-210), Decimal(70))
# Only the bag as it was collected travels unfrozen.
FROZEN_KINDS = frozenset(UnitKind) - {UnitKind.COLLECTED_BAG}
LONGEST = {"shipper_code": 32, "seal_code": 32, "logger_code": 32, "courier": 64}

STATES_SHIPPED = {
    ShipmentKind.COLLECTION: frozenset({UnitState.COLLECTED}),
    ShipmentKind.TESTING: frozenset[UnitState](),
    ShipmentKind.TRANSFER: frozenset({UnitState.QUARANTINED, UnitState.AVAILABLE}),
    ShipmentKind.RELEASE: frozenset({UnitState.RELEASED}),
    ShipmentKind.RETURN: frozenset({UnitState.RETURNED}),
}


class ShipmentRefused(RuleViolation):
    code = "shipment-refused"
    title = "The shipment cannot go on"
    mend = "Correct what is named; nothing was recorded."


@dataclass(frozen=True)
class ItemFacts:
    """One unit of a shipment; all but code and state, among it the position it ``lies_in``, matters to a release."""

    code: str
    state: UnitState
    picked: bool = False
    held: bool = False
    frozen: bool = False
    lies_in: str = ""


@dataclass(frozen=True)
class PackingFacts:
    """What is packed. ``samples`` counts reference samples, which any kind but a release may carry."""

    kind: ShipmentKind
    shipper: Shipper
    from_site: str
    to_site: str
    items: tuple[ItemFacts, ...]
    samples: int = 0
    logger_code: str = ""
    release: str = ""
    released_units: frozenset[str] = frozenset()
    shipper_code: str = ""
    seal_code: str = ""
    courier: str = ""


def obstacles_to_packing(facts: PackingFacts) -> list[Reason]:
    """Return every reason why this cannot be packed."""
    reasons = _of_journey(facts)
    allowed = STATES_SHIPPED[facts.kind]
    reasons += [
        Reason(f"{item.code} is {item.state.value}.", "state", "items")
        for item in facts.items
        if item.state not in allowed
    ]
    reasons += obstacles_to_texts(LONGEST, vars(facts))
    return [*reasons, *(_of_release(facts) if facts.kind is ShipmentKind.RELEASE else [])]


def obstacles_to_receiving(
    sent: frozenset[str], received: frozenset[str], *, handed_over_at: datetime | None, received_at: datetime
) -> list[Reason]:
    """Return what differs between what was sent and what came."""
    reasons = [Reason(f"{code} was sent and did not come.", "missing", "items") for code in sorted(sent - received)]
    reasons += [Reason(f"{code} came and was not sent.", "unexpected", "items") for code in sorted(received - sent)]
    if handed_over_at is None or received_at < handed_over_at:
        reasons.append(Reason("It cannot be received before it was handed over.", "times", "received_at"))
    return reasons


def obstacles_to_leaving(places: Mapping[str, str]) -> list[Reason]:
    """Return what still lies in a position of the bank, by unit code, and so cannot be packed or handed over."""
    return [Reason(f"{code} lies in {place}.", "in-position", "items") for code, place in sorted(places.items())]


def check_packing(facts: PackingFacts) -> None:
    if reasons := obstacles_to_packing(facts):
        raise ShipmentRefused("This shipment cannot be packed as stated.", reasons=reasons)


def kept_frozen(warmest_celsius: Decimal | None) -> bool:
    """Whether a frozen product stayed cold enough; an unknown temperature is not a kept one."""
    return warmest_celsius is not None and warmest_celsius <= WARMEST_FROZEN_CELSIUS


def obstacles_to_temperature(warmest_celsius: Decimal | None) -> list[Reason]:
    """Return what is wrong with a warmest temperature as typed; an unknown one may be stated."""
    low, high = LOGGED_CELSIUS
    if warmest_celsius is None or (warmest_celsius.is_finite() and low <= warmest_celsius <= high):
        return []
    return [Reason(f"The warmest temperature is a number from {low} to {high} °C.", "range", "warmest_celsius")]


def obstacles_to_accepting(frozen: Collection[str], warmest_celsius: Decimal | None) -> list[Reason]:
    """Return which frozen units, by code, the site cannot accept because they are not known to have stayed cold."""
    if kept_frozen(warmest_celsius):
        return []
    limit = f"{WARMEST_FROZEN_CELSIUS} °C"
    why = (
        f"the logger saw {warmest_celsius} °C, warmer than {limit}"
        if warmest_celsius is not None
        else f"nothing shows that it stayed below {limit}"
    )
    return [Reason(f"{code} cannot be accepted: {why}.", "not-kept-frozen", "items") for code in sorted(frozen)]


def _of_journey(facts: PackingFacts) -> list[Reason]:
    checks = (
        (bool(facts.items or facts.samples), "A shipment holds something.", "empty", "items"),
        (facts.from_site != facts.to_site, "A shipment goes to another site.", "same-site", "to_site"),
        (
            len({item.code for item in facts.items}) == len(facts.items),
            "A unit is in a shipment once.",
            "twice",
            "items",
        ),
        (
            bool(facts.release) is (facts.kind is ShipmentKind.RELEASE),
            "A release shipment, and no other, has a release.",
            "release",
            "release",
        ),
    )
    return [Reason(text, code=code, field=field) for holds, text, code, field in checks if not holds]


def _of_release(facts: PackingFacts) -> list[Reason]:
    reasons = [
        Reason(f"{item.code} has not been picked.", "not-picked", "items") for item in facts.items if not item.picked
    ]
    reasons += [Reason(f"{item.code} is on hold.", "held", "items") for item in facts.items if item.held]
    reasons += obstacles_to_leaving({item.code: item.lies_in for item in facts.items if item.lies_in})
    packed = frozenset(item.code for item in facts.items)
    reasons += [
        Reason(f"{code} is not of this release.", "not-released", "items")
        for code in sorted(packed - facts.released_units)
    ]
    reasons += [
        Reason(f"{code} of this release is not packed.", "not-packed", "items")
        for code in sorted(facts.released_units - packed)
    ]
    return [*reasons, *_of_equipment(facts)]


def _of_equipment(facts: PackingFacts) -> list[Reason]:
    frozen = any(item.frozen for item in facts.items)
    dry = facts.shipper is Shipper.DRY_SHIPPER
    checks = (
        (dry or not frozen, "What is frozen travels in a dry shipper.", "no-dry-shipper", "shipper"),
        (
            bool(facts.logger_code.strip()) or not (dry or frozen),
            "A dry shipper travels with a temperature logger.",
            "no-logger",
            "logger_code",
        ),
        (bool(facts.shipper_code.strip()), "Say which shipper it travels in.", "missing", "shipper_code"),
        (bool(facts.seal_code.strip()), "Say by which seal it is shut.", "missing", "seal_code"),
        (bool(facts.courier.strip()), "Say which courier takes it.", "missing", "courier"),
    )
    return [Reason(text, code=code, field=field) for holds, text, code, field in checks if not holds]
