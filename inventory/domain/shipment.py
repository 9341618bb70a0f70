"""Shipments: their kinds, what kept cold means, and what a logger's file must be to speak of a journey."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from inventory.domain.unit import UnitKind


class ShipmentKind(StrEnum):
    COLLECTION = "collection"
    TESTING = "testing"
    TRANSFER = "transfer"
    RELEASE = "release"
    INBOUND = "inbound"


class Shipper(StrEnum):
    BOX = "box"
    DRY_SHIPPER = "dry_shipper"


# What a frozen product must not have been warmer than (docs/sources.md, storage); editable policy of the bank.
WARMEST_FROZEN_CELSIUS = Decimal(-150)
# What a logger can have seen at all: liquid nitrogen boils at -196 °C.
LOGGED_CELSIUS = (Decimal(-210), Decimal(70))
# Only the bag as it was collected travels unfrozen.
FROZEN_KINDS = frozenset(UnitKind) - {UnitKind.COLLECTED_BAG}


class ShipmentRefused(RuleViolation):
    code = "shipment-refused"
    title = "The shipment cannot go on"
    mend = "Correct what is named; nothing was recorded."


@dataclass(frozen=True, kw_only=True)
class LoggerFacts:
    """A logger's file: whose it is, from when until when it logged, its extremes; ``used_for`` has it already."""

    logger_code: str
    first_at: datetime
    last_at: datetime
    coldest_celsius: Decimal
    warmest_celsius: Decimal
    used_for: str = ""


def obstacles_to_logger(
    facts: LoggerFacts, *, travelled_with: str, handed_over_at: datetime, received_at: datetime
) -> list[Reason]:
    """Return why a logger's file says nothing of this journey: another's, of another time, or impossible."""
    low, high = LOGGED_CELSIUS
    extremes = (facts.coldest_celsius, facts.warmest_celsius)
    possible = all(each.is_finite() and low <= each <= high for each in extremes)
    checks = (
        (
            facts.logger_code == travelled_with and bool(travelled_with),
            f"The file is of {facts.logger_code}; {travelled_with or 'no logger'} travelled.",
            "another-logger",
        ),
        (not facts.used_for, f"The file is that of {facts.used_for}.", "another-shipment"),
        (facts.first_at <= handed_over_at, "It begins after the hand-over.", "begins-late"),
        (facts.last_at >= received_at, "It ends before the receipt.", "ends-early"),
        (
            possible and facts.coldest_celsius <= facts.warmest_celsius,
            f"Its coldest and warmest are numbers from {low} to {high} °C, in this order.",
            "range",
        ),
    )
    return [Reason(text, code, "logger") for holds, text, code in checks if not holds]


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
    why = why_not_kept_frozen(warmest_celsius)
    return [Reason(f"{code} cannot be accepted: {why}.", "not-kept-frozen", "items") for code in sorted(frozen)]


def why_not_kept_frozen(warmest_celsius: Decimal | None) -> str:
    """Return in words what is known of a temperature that was not kept."""
    limit = f"{WARMEST_FROZEN_CELSIUS} °C"
    if warmest_celsius is None:
        return f"nothing shows that it stayed below {limit}"
    return f"the logger saw {warmest_celsius} °C, warmer than {limit}"
