"""Units that fail a gate, and requests that ask for them by exception, as the services make them, at noon."""

from typing import Any

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from inventory.domain.release import ReleaseKind
from inventory.domain.waiver import Grounds, Statement
from inventory.models.release import Release
from inventory.models.request import UnitRequest
from inventory.models.unit import Unit
from inventory.services.approval import approve_request
from inventory.services.waiver import Acknowledgement, acknowledge_condition, request_by_exception
from inventory.services.waiver import state_benefit_and_risk as state
from tests.factories.person import credentials, staff
from tests.factories.protocol import protocol_in_force
from tests.factories.release import evaluated_release, sign
from tests.factories.request import coordinator, wanted
from tests.factories.specification import specifications_in_force
from tests.factories.time import NOON, hours
from tests.factories.unit import confirm_segment, determined_unit, measured_unit
from tests.kept import keepable

WEIGHED = Statement(benefit="No other graft of this match was found.", risk="Engraftment may be slower.")


def grounds(kind: ReleaseKind = ReleaseKind.EXCEPTIONAL, **otherwise: Any) -> Grounds:
    """Return what the treating physician signed."""
    usual: dict[str, Any] = {
        "kind": kind,
        "physician": "Dr Treating",
        "physician_request_sha256": "c" * 64,
        "deviation_known": "The viability of nucleated cells is below the limit.",
        "no_alternative": "No unit of four of six in any registry.",
    }
    return Grounds(**usual | otherwise)


def a_study_with_everybody() -> None:
    """See that the protocol, its site and all who act are there, so that asking for them writes nothing later."""
    specifications_in_force()
    protocol_in_force()
    coordinator()
    for role in (Role.QUALITY_REVIEWER, Role.RELEASING_OFFICER, Role.MEDICAL_DIRECTOR, Role.STORAGE_TECHNICIAN):
        staff(role)


@keepable
def weak_unit() -> Unit:
    """Return a unit in quarantine that fails one limit, its donor eligible and its segment confirmed."""
    a_study_with_everybody()
    unit = determined_unit(tnc_viability_percent="78.0")
    confirm_segment(unit)
    return unit


def undetermined_unit() -> Unit:
    """Return a unit in quarantine within every limit, whose donor's eligibility nobody has determined."""
    a_study_with_everybody()
    unit = measured_unit()
    confirm_segment(unit)
    return unit


def requested(*units: Unit, kind: ReleaseKind = ReleaseKind.EXCEPTIONAL) -> UnitRequest:
    """Return a request by exception for these units."""
    return request_by_exception(wanted(*units), grounds(kind), by=coordinator(), at=NOON)


def approved(*units: Unit, kind: ReleaseKind = ReleaseKind.EXCEPTIONAL) -> UnitRequest:
    """Return such a request, approved, with benefit and risk stated by the medical director."""
    request, quality = requested(*units, kind=kind), staff(Role.QUALITY_REVIEWER)
    approve_request(request, owner=quality, credentials=credentials(quality), by=quality, at=NOON)
    state(request, WEIGHED, by=staff(Role.MEDICAL_DIRECTOR), at=NOON)
    return request


def issued(*units: Unit, kind: ReleaseKind = ReleaseKind.EXCEPTIONAL) -> Release:
    """Return a release by exception, reviewed, and released by the director who weighed it."""
    release = evaluated_release(approved(*units, kind=kind))
    sign(release)
    sign(release, Meaning.RELEASED, staff(Role.MEDICAL_DIRECTOR))
    release.refresh_from_db()
    return release


def acknowledge(release: Release) -> None:
    """Record the site's word an hour after noon."""
    word = Acknowledgement(acknowledged_by="Dr Site", document_sha256="d" * 64, occurred_at=NOON + hours(0.5))
    acknowledge_condition(release, word, by=coordinator(), at=NOON + hours(1))
