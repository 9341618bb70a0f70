"""Roles and permissions: the whole of who may do what, on one page."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person is in the bank; granted from a date, to a date."""

    COLLECTION_STAFF = "collection_staff"
    LAB_TECHNICIAN = "lab_technician"
    STORAGE_TECHNICIAN = "storage_technician"
    QUALITY_REVIEWER = "quality_reviewer"
    RELEASING_OFFICER = "releasing_officer"
    MEDICAL_DIRECTOR = "medical_director"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    IDENTITY_OFFICER = "identity_officer"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role in words."""
        return "donor-identity officer" if self is Role.IDENTITY_OFFICER else self.value.replace("_", " ")


class Permission(StrEnum):
    """One thing a person may do."""

    VIEW_UNITS = "view units"
    VIEW_CUSTODY = "view the chain of custody"
    REGISTER_DONATION = "register donations"
    RECORD_CONSENT = "record consent"
    WITHDRAW_CONSENT = "record the withdrawal of consent"
    READ_IDENTITY = "read donor identity"
    WRITE_IDENTITY = "write donor identity"
    ERASE_IDENTITY = "erase donor identity on lawful request"
    REVIEW_USE = "answer whether a consent covers a protocol where the rules cannot"
    DECIDE_WITHDRAWAL = "decide on units that a withdrawal came too late for"
    SEND_SHIPMENT = "pack and hand over shipments"
    RECEIVE_COLLECTION = "receive collections"
    RECEIVE_TRANSFER = "receive samples and transfers"
    INSPECT_BATCH = "inspect batches of consumables that came in"
    MANAGE_EQUIPMENT = "register equipment and its checks"
    PROCESS_UNIT = "process units"
    RECORD_RESULT = "record results"
    VERIFY_RESULT = "verify results"
    DETERMINE_ELIGIBILITY = "determine donor eligibility"
    ATTEST_FACTS = "attest what another establishment found"
    MOVE_UNIT = "put away and move units"
    CLOSE_STOCKTAKE = "close stocktakes"
    ASSESS_EXCURSION = "assess excursions"
    OPEN_DEVIATION = "open deviations"
    CLOSE_NOTICE = "close consignee notices"
    RECALL_UNITS = "recall units"
    CLOSE_DEVIATION = "close deviations"
    CORRECT_FACT = "correct recorded facts"
    CONFIRM_CORRECTION = "confirm corrections that a verdict rests on"
    VOID_RECORD = "void what was registered in error"
    PLACE_HOLD = "place holds"
    LIFT_HOLD = "lift holds"
    ACCEPT_UNIT = "accept units"
    EXTEND_EXPIRY = "extend expiries"
    REQUEST_UNITS = "request units"
    APPROVE_REQUEST = "approve requests"
    REVIEW_RELEASE = "sign a release as reviewed"
    RELEASE_UNIT = "sign a release as released"
    PICK_UNIT = "pick units"
    RECEIVE_RELEASE = "receive released units"
    REPORT_OUTCOME = "report outcomes"
    DISCARD_UNIT = "discard units"
    PUT_IN_FORCE = "put specifications, protocols, forms and rules in force"
    DRAFT_RULES = "draft specifications, protocols, forms and rules"
    IMPORT_UNITS = "import units"
    GENERATE_REPORT = "generate reports"
    VERIFY_LEDGER = "verify and export the ledger"
    RESUME_AS_ADMINISTRATOR = "resume an old record as administrator"
    RESUME_AS_QUALITY = "resume an old record as quality"
    MANAGE_PEOPLE = "manage people and roles"
    MANAGE_SITES = "manage sites and containers"
    MANAGE_KEYS = "manage keys"


_P = Permission
_READ = {_P.VIEW_UNITS, _P.VIEW_CUSTODY, _P.GENERATE_REPORT}
_LAB = _READ | {
    _P.PLACE_HOLD,
    _P.MOVE_UNIT,
    _P.SEND_SHIPMENT,
    _P.RECEIVE_COLLECTION,
    _P.RECEIVE_TRANSFER,
    _P.OPEN_DEVIATION,
    _P.CORRECT_FACT,
}
_QUALITY = _READ | {
    _P.VERIFY_RESULT,
    _P.DETERMINE_ELIGIBILITY,
    _P.ATTEST_FACTS,
    _P.CLOSE_STOCKTAKE,
    _P.ASSESS_EXCURSION,
    _P.OPEN_DEVIATION,
    _P.CLOSE_DEVIATION,
    _P.CLOSE_NOTICE,
    _P.RECALL_UNITS,
    _P.CORRECT_FACT,
    _P.CONFIRM_CORRECTION,
    _P.VOID_RECORD,
    _P.PLACE_HOLD,
    _P.LIFT_HOLD,
    _P.ACCEPT_UNIT,
    _P.EXTEND_EXPIRY,
    _P.APPROVE_REQUEST,
    _P.DISCARD_UNIT,
    _P.INSPECT_BATCH,
    _P.MANAGE_EQUIPMENT,
    _P.PUT_IN_FORCE,
    _P.DRAFT_RULES,
    _P.VERIFY_LEDGER,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.COLLECTION_STAFF: frozenset(
            {
                _P.VIEW_UNITS,
                _P.REGISTER_DONATION,
                _P.RECORD_CONSENT,
                _P.WITHDRAW_CONSENT,
                _P.WRITE_IDENTITY,
                _P.SEND_SHIPMENT,
                _P.PLACE_HOLD,
                _P.OPEN_DEVIATION,
                _P.CORRECT_FACT,
            }
        ),
        Role.LAB_TECHNICIAN: frozenset(_LAB | {_P.PROCESS_UNIT, _P.RECORD_RESULT, _P.VERIFY_RESULT, _P.DISCARD_UNIT}),
        Role.STORAGE_TECHNICIAN: frozenset(_LAB | {_P.PICK_UNIT, _P.IMPORT_UNITS}),
        Role.QUALITY_REVIEWER: frozenset(
            _QUALITY | {_P.REVIEW_RELEASE, _P.REVIEW_USE, _P.RESUME_AS_QUALITY, _P.IMPORT_UNITS}
        ),
        Role.RELEASING_OFFICER: frozenset(_QUALITY | {_P.RELEASE_UNIT}),
        Role.MEDICAL_DIRECTOR: frozenset(
            _QUALITY | {_P.RELEASE_UNIT, _P.WITHDRAW_CONSENT, _P.REVIEW_USE, _P.DECIDE_WITHDRAWAL}
        ),
        Role.COORDINATOR: frozenset({_P.VIEW_UNITS, _P.REQUEST_UNITS, _P.RECEIVE_RELEASE, _P.REPORT_OUTCOME}),
        Role.AUDITOR: frozenset(_READ | {_P.VERIFY_LEDGER}),
        Role.IDENTITY_OFFICER: frozenset({_P.READ_IDENTITY, _P.WRITE_IDENTITY, _P.ERASE_IDENTITY, _P.WITHDRAW_CONSENT}),
        Role.ADMINISTRATOR: frozenset(
            {
                _P.MANAGE_PEOPLE,
                _P.MANAGE_SITES,
                _P.MANAGE_KEYS,
                _P.DRAFT_RULES,
                _P.VERIFY_LEDGER,
                _P.RESUME_AS_ADMINISTRATOR,
            }
        ),
    }
)

CLINICAL = frozenset(set(Role) - {Role.ADMINISTRATOR, Role.AUDITOR, Role.COORDINATOR, Role.IDENTITY_OFFICER})

# Roles whose holders see the objects of their own site only.
OWN_SITE_ONLY = frozenset({Role.COLLECTION_STAFF, Role.COORDINATOR})


def permissions_of(roles: Collection[Role]) -> frozenset[Permission]:
    """Return everything that the roles together may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def roles_clash(roles: Collection[Role]) -> bool:
    """Whether one person may not hold these roles at the same time: an administrator is never clinical."""
    return Role.ADMINISTRATOR in roles and bool(CLINICAL.intersection(roles))


def sees_own_site_only(roles: Collection[Role]) -> bool:
    """Whether everything these roles see is of the person's own site."""
    return bool(roles) and OWN_SITE_ONLY.issuperset(roles)
