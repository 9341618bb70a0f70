"""Requests as the services make them, at noon."""

from datetime import date
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from biobank.models.person import Person
from biobank.queries.person import find_person
from inventory.models.protocol import Protocol
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.services.approval import approve_request
from inventory.services.request import NewRequest, request_units
from tests.factories.person import credentials, person, staff
from tests.factories.protocol import clinic, protocol_in_force
from tests.factories.time import NOON
from tests.factories.unit import available_unit
from tests.kept import keepable


def coordinator(username: str = "the-coordinator") -> Person:
    """Return the coordinator of the clinic."""
    return find_person(username) or person(Role.COORDINATOR, site=clinic(), username=username)


def wanted(*units: Unit, protocol: Protocol | None = None, **otherwise: Any) -> NewRequest:
    """Return a request for these units, for one recipient of the usual protocol, needed in a month."""
    protocol = protocol or protocol_in_force()
    usual: dict[str, Any] = {
        "protocol": protocol,
        "site": clinic(),
        "unit_ids": tuple(unit.pk for unit in units),
        "needed_by": date(2026, 4, 14),
        "delivery_address": "2 Clinic Road",
        "delivery_contact": "Ward 3",
    }
    for_a_person = {
        "recipient": "PATIENT-7",
        "weight_kg": Decimal("62.5"),
        "ordering_physician": "Dr Order",
        "order_sha256": "b" * 64,
    }
    return NewRequest(**usual | (for_a_person if protocol.human_application else {}) | otherwise)


@keepable
def submitted_request(*units: Unit, **otherwise: Any) -> UnitRequest:
    """Return a request at noon for these units, or for one available unit whose segment is confirmed."""
    units = units or (available_unit(segment=True),)
    return request_units(wanted(*units, **otherwise), by=coordinator(), at=NOON)


@keepable
def approved_request(*units: Unit, **otherwise: Any) -> UnitRequest:
    """Return a request approved at noon by the reviewer."""
    request, quality = submitted_request(*units, **otherwise), staff(Role.QUALITY_REVIEWER)
    return approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=NOON)
