"""Protocols: approvals, sites, caps and criteria of a liver study, and what stands against a unit under it."""

from dataclasses import dataclass
from datetime import date

from inventory.domain.criterion import Criterion
from inventory.domain.unit import ProductClass, Use


@dataclass(frozen=True)
class Validity:
    """An approval, authorisation or agreement by its number, in force on both of its days; no end is open-ended."""

    number: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Cap:
    """How many there may be, and how many there would be with this request; no limit None."""

    what: str
    limit: int | None
    with_this: int


@dataclass(frozen=True)
class ProtocolFacts:
    code: str
    version: str
    signed: bool
    human_application: bool
    product_classes: frozenset[ProductClass]
    ethics: Validity | None
    regulatory: Validity | None = None
    site: str = ""
    site_on_protocol: bool = False
    agreement: Validity | None = None
    criteria: tuple[Criterion, ...] = ()
    caps: tuple[Cap, ...] = ()


def is_in_force(validity: Validity, on: date) -> bool:
    """In force on its first day and on its last."""
    return validity.valid_from <= on and (validity.valid_until is None or on <= validity.valid_until)


def obstacles_to_protocol(protocol: ProtocolFacts, *, on: date) -> list[str]:
    """Return every reason why nothing may go to this protocol's site on that day."""
    reasons = [] if protocol.signed else [f"protocol {protocol.code} {protocol.version} is not signed and in force"]
    reasons += _validity("ethics approval", protocol.ethics, on)
    if protocol.human_application:
        reasons += _validity("regulatory authorisation", protocol.regulatory, on)
    if not protocol.site_on_protocol:
        reasons.append(f"site {protocol.site} is not on the protocol")
    reasons += _validity(f"agreement with site {protocol.site}", protocol.agreement, on)
    reasons += [
        f"{cap.what}: {cap.with_this} would be more than {cap.limit}"
        for cap in protocol.caps
        if cap.limit is not None and cap.with_this > cap.limit
    ]
    return reasons


def obstacles_to_product(
    protocol: ProtocolFacts,
    product_class: ProductClass,
    *,
    accepted: Use | None,
    for_humans: bool | None,
    kind_answers: bool,
) -> list[str]:
    """Return why a product does not fit a protocol.

    ``for_humans`` is what its collection type says, None where that is not known; ``kind_answers`` is that it was
    reserved out of quarantine by a kind of release that answers for its use.
    """
    reasons = []
    if product_class not in protocol.product_classes:
        reasons.append(f"the protocol does not take {product_class.value.replace('_', ' ')}")
    if accepted is None and not kind_answers:
        reasons.append("the unit is not accepted for any use")
    if protocol.human_application and accepted is Use.LABORATORY:
        reasons.append("the unit is accepted for laboratory use only")
    if protocol.human_application and for_humans is None:
        reasons.append("its collection type is not known")
    elif protocol.human_application and not for_humans:
        reasons.append("its collection type says: not for human application")
    return reasons


def _validity(what: str, validity: Validity | None, on: date) -> list[str]:
    if validity is None:
        return [f"{what} is missing"]
    return [] if is_in_force(validity, on) else [f"{what} {validity.number} is not in force"]
