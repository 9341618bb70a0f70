"""Requests: what one must say, and what may still be done to it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_texts
from inventory.domain.dose import HEAVIEST_KG, LIGHTEST_KG, is_a_weight
from inventory.domain.recipient import obstacles_to_recipient, obstacles_to_typing


class RequestStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RELEASED = "released"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    VOID = "void"


# Not yet handed over: its units can still come back.
OPEN = frozenset({RequestStatus.SUBMITTED, RequestStatus.APPROVED, RequestStatus.RELEASED})

LONGEST = {"delivery_address": 300, "delivery_contact": 120, "ordering_physician": 120}
SHA256 = re.compile(r"[0-9a-f]{64}")


class RequestRefused(RuleViolation):
    code = "request-refused"
    title = "The request cannot be taken as stated"
    mend = "Correct what is named and send the request again; nothing was reserved."


class RequestNotOpen(RuleViolation):
    code = "request-not-open"
    title = "The request is past that"
    mend = "Open the request and look at its status: somebody may have changed it since the page was loaded."


class OwnRequest(RuleViolation):
    code = "own-request"
    title = "Nobody approves their own request"
    mend = "Ask another person of quality to approve it."


@dataclass(frozen=True)
class RequestStated:
    """What a request says, before anything is looked up."""

    units: tuple[str, ...]
    missing: int
    # Lots are asked for by how many of their vials are wanted, by the lot's code; the bank picks which.
    lots: tuple[tuple[str, int], ...] = field(default=(), kw_only=True)
    missing_lots: int = field(default=0, kw_only=True)
    human_application: bool
    needed_by: date
    delivery_address: str
    delivery_contact: str
    recipient: str = ""
    weight_kg: Decimal | None = None
    recipient_typing: Mapping[str, str] = field(default_factory=dict)
    ordering_physician: str = ""
    order_sha256: str = ""


def check_stated(stated: RequestStated, *, today: date) -> None:
    """Raise ``RequestRefused`` with everything that a request leaves out or says twice."""
    if reasons := [*_obstacles_of_units(stated), *_obstacles_of_delivery(stated, today), *_obstacles_of_order(stated)]:
        raise RequestRefused("The request cannot be taken as stated.", reasons=reasons)


def check_open(status: RequestStatus, allowed: frozenset[RequestStatus], *, reference: str, verb: str) -> None:
    """Raise ``RequestNotOpen`` unless the request's status allows what is to be done to it."""
    if status not in allowed:
        raise RequestNotOpen(f"{reference} is {status.value} and cannot be {verb}.")


def _obstacles_of_units(stated: RequestStated) -> list[Reason]:
    reasons = [
        Reason(f"{code} is named {count} times.", "unit-twice", "units")
        for code, count in Counter(stated.units).items()
        if count > 1
    ]
    reasons += [*_obstacles_of_lots(stated)]
    if not stated.units and not stated.lots and not stated.missing_lots:
        reasons.append(Reason("Name at least one unit.", "no-unit", "units"))
    if stated.missing:
        reasons.append(Reason(f"{stated.missing} of the units named are not in this bank.", "no-such-unit", "units"))
    return reasons


def _obstacles_of_lots(stated: RequestStated) -> list[Reason]:
    reasons = [
        Reason(f"{code} is named {count} times.", "lot-twice", "lots")
        for code, count in Counter(code for code, _ in stated.lots).items()
        if count > 1
    ]
    reasons += [
        Reason(f"Ask for at least one vial of {code}, not {count}.", "no-vial", "lots")
        for code, count in stated.lots
        if count < 1
    ]
    if stated.missing_lots:
        reasons.append(Reason(f"{stated.missing_lots} of the lots named are not in this bank.", "no-such-lot", "lots"))
    return reasons


def _obstacles_of_delivery(stated: RequestStated, today: date) -> list[Reason]:
    reasons = []
    if stated.needed_by < today:
        reasons.append(Reason("The day it is needed by is past.", "past", "needed_by"))
    if not stated.delivery_address.strip():
        reasons.append(Reason("Say where the units go.", "missing", "delivery_address"))
    if not stated.delivery_contact.strip():
        reasons.append(Reason("Say who receives the units there.", "missing", "delivery_contact"))
    return reasons


def _obstacles_of_order(stated: RequestStated) -> list[Reason]:
    reasons = [*obstacles_to_texts(LONGEST, vars(stated)), *_obstacles_of_person(stated)]
    if stated.order_sha256 and not SHA256.fullmatch(stated.order_sha256):
        text = "The signed order is named by its SHA-256: 64 hexadecimal digits, lower-case."
        reasons.append(Reason(text, "hash", "order_sha256"))
    if not stated.human_application and not stated.recipient:
        return reasons
    needed = {
        "recipient": (stated.recipient, "Human application names the recipient by the study's code."),
        "ordering_physician": (stated.ordering_physician, "Human application names the ordering physician."),
        "order_sha256": (stated.order_sha256, "Human application comes with the signed order."),
    }
    missing = [Reason(text, "missing", field) for field, (value, text) in needed.items() if not value.strip()]
    return [*reasons, *missing]


def _obstacles_of_person(stated: RequestStated) -> list[Reason]:
    reasons = obstacles_to_recipient(stated.recipient) if stated.recipient else []
    reasons += obstacles_to_typing(stated.recipient_typing)
    if stated.recipient_typing and not stated.recipient:
        reasons.append(Reason("A typing is somebody's: name the recipient.", "missing", "recipient"))
    weight = stated.weight_kg
    if weight is not None and (not is_a_weight(weight) or weight != round(weight, 2)):
        text = f"The recipient's weight is a number from {LIGHTEST_KG} to {HEAVIEST_KG} kg, with at most two decimals."
        reasons.append(Reason(text, "range", "weight_kg"))
    return reasons
