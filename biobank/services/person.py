"""Registering people, their roles and trainings, their passwords, and taking their access away."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from biobank.domain.person import (
    PrintedNameMissing,
    RoleNotHeld,
    UnfitPassword,
    UsernameTaken,
    WrongCurrentPassword,
    check_active,
    check_period,
    check_roles,
    check_username,
)
from biobank.domain.refusal import Reason
from biobank.domain.role import Role
from biobank.domain.signature import SessionEnd
from biobank.domain.site import check_time_zone
from biobank.domain.text import can_be_written
from biobank.models.person import Person, RoleGrant
from biobank.models.site import Site
from biobank.models.training import Training
from biobank.queries.person import lock_person, roles_during
from biobank.services.attempt import clear_attempts, count_wrong_attempt, refuse_if_locked
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signing_session import end_signing_sessions

SYSTEM = "system"


@dataclass(frozen=True)
class NewPerson:
    """A person as registered; ``identity_verified`` says that ``by`` saw who this is (21 CFR 11.100(b)).

    ``password_is_own`` says that the person chose and typed the password, and nobody else knows it. Without it they
    change it themselves before they sign.
    """

    username: str
    printed_name: str
    site: Site
    password: str
    email: str = ""
    time_zone: str = ""
    identity_verified: bool = True
    password_is_own: bool = False


@service
def register_person(new: NewPerson, *, by: Person, at: datetime) -> Person:
    """Register a person under a username that nobody has or ever had.

    Raises ``UnfitUsername``, ``UsernameTaken``, ``PrintedNameMissing``, ``UnfitPassword`` or ``UnfitSite``.
    """
    time_zone = new.time_zone or new.site.time_zone
    _check_new_person(new, time_zone)
    verified = {"identity_verified_at": at, "identity_verified_by": by} if new.identity_verified else {}
    facts = {
        "printed_name": new.printed_name.strip(),
        "email": new.email,
        "site": new.site,
        "time_zone": time_zone,
        "password": _fit_hash(new.password, Person(username=new.username, printed_name=new.printed_name)),
        "password_changed_at": at,
        "password_is_own": new.password_is_own,
        "created_at": at,
    }
    person, is_new = Person.objects.get_or_create(username=new.username, defaults=facts | verified)
    if not is_new:
        raise UsernameTaken(f"The user name {new.username} belongs to someone.", field="username")
    shown = {
        "printed_name": person.printed_name,
        "site": new.site.code,
        "identity_verified": new.identity_verified,
        "password_is_own": new.password_is_own,
    }
    record("person.registered", subjects=[person.username], by=by, at=at, new=shown)
    return person


@service
def system_person(*, at: datetime) -> Person:
    """Return the named service that acts where no person does, registering it with its first act.

    It cannot sign in and cannot sign.
    """
    person, is_new = Person.objects.get_or_create(
        username=SYSTEM,
        defaults={
            "printed_name": "The system",
            "is_service": True,
            "time_zone": "UTC",
            "password": make_password(None),
            "password_changed_at": at,
            "created_at": at,
        },
    )
    if is_new:
        record("person.registered", subjects=[SYSTEM], by=person, at=at, new={"is_service": True})
    return person


@service
def grant_role(
    person: Person,
    role: Role,
    *,
    by: Person,
    at: datetime,
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> RoleGrant:
    """Grant a role from ``begins`` (now, unless said) until ``ends`` (open, unless said).

    Raises ``RolesClash`` when a role held in any part of that time excludes this one, ``RoleAlreadyHeld``,
    ``EndsBeforeItBegins`` or ``NotActive``.
    """
    begins = max(begins or at, at)
    person = lock_person(person)
    check_active(is_active=person.is_active, username=person.username)
    check_period(begins, ends, field="ends")
    check_roles(roles_during(person, begins, ends), role)
    grant = RoleGrant.objects.create(
        person=person, role=role.value, granted_from=begins, granted_until=ends, granted_by=by, granted_at=at
    )
    new = {"role": role.value, "from": begins, "until": ends}
    record("role.granted", subjects=[person.username], by=by, at=at, new=new)
    return grant


@service
def end_role(person: Person, role: Role, *, reason: str, by: Person, at: datetime) -> None:
    """End every grant of the role that is not over; the grants stay, with their end.

    Raises ``RoleNotHeld``.
    """
    person = lock_person(person)
    if not _end_grants(person, at, role=role.value):
        raise RoleNotHeld(f"{person.username} does not hold the role {role.label}.", field="role")
    record("role.ended", subjects=[person.username], by=by, at=at, reason=reason, old={"role": role.value})


@service
def record_training(
    person: Person, topic: str, *, valid_from: datetime, valid_until: datetime, by: Person, at: datetime
) -> Training:
    """Record that a person was trained in a topic, and from when until when it counts."""
    check_period(valid_from, valid_until, field="valid_until")
    training = Training.objects.create(
        person=person, topic=topic, valid_from=valid_from, valid_until=valid_until, recorded_by=by, recorded_at=at
    )
    new = {"topic": topic, "from": valid_from, "until": valid_until}
    record("person.trained", subjects=[person.username], by=by, at=at, new=new)
    return training


@service
def set_password(person: Person, password: str, *, by: Person, at: datetime) -> None:
    """Set a person's password anew; ends their signing sessions and forgets their wrong attempts.

    One that somebody else set opens no signature until they have changed it themselves.

    Raises ``UnfitPassword`` or ``NotActive``.
    """
    locked = lock_person(person)
    check_active(is_active=locked.is_active, username=locked.username)
    locked.password, locked.password_changed_at = _fit_hash(password, locked), at
    locked.password_is_own = by.pk == locked.pk
    locked.save(update_fields=["password", "password_changed_at", "password_is_own"])
    person.password, person.password_changed_at = locked.password, at
    person.password_is_own = locked.password_is_own
    end_signing_sessions(locked, reason=SessionEnd.PASSWORD_CHANGED, by=by, at=at)
    clear_attempts(locked.username, by=by, at=at)
    record("person.password_changed", subjects=[locked.username], by=by, at=at, new={"own": locked.password_is_own})


@service
def change_password(person: Person, *, current: str, new: str, by: Person, at: datetime) -> None:
    """Change one's own password, proving the current one on the shared count of wrong attempts.

    Raises ``WrongCurrentPassword``, ``LockedOut`` or ``UnfitPassword``.
    """
    refuse_if_locked(person.username, at=at)
    stored = lock_person(person).password
    if by.pk != person.pk or not can_be_written(current) or not check_password(current, stored):
        raise WrongCurrentPassword(
            "This is not the current password.",
            field="current_password",
            afterwards=[lambda: count_wrong_attempt(person.username, by=by, at=at)],
        )
    if new == current:
        # Whoever gave it to this person knows it still.
        raise UnfitPassword("This is the password that you use now.", field="password")
    set_password(person, new, by=by, at=at)


@service
def deactivate_person(person: Person, *, reason: str, by: Person, at: datetime) -> None:
    """Take a person's access away; everything they did stays under their name, and the username with them."""
    locked = lock_person(person)
    check_active(is_active=locked.is_active, username=locked.username)
    locked.is_active, locked.deactivated_at = False, at
    locked.save(update_fields=["is_active", "deactivated_at"])
    person.is_active, person.deactivated_at = False, at
    ended = _end_grants(locked, at)
    end_signing_sessions(locked, reason=SessionEnd.DEACTIVATED, by=by, at=at)
    record("person.deactivated", subjects=[locked.username], by=by, at=at, reason=reason, old={"roles": ended})


def _check_new_person(new: NewPerson, time_zone: str) -> None:
    check_username(new.username)
    if not new.printed_name.strip():
        raise PrintedNameMissing("The printed name is missing.", field="printed_name")
    check_time_zone(time_zone)
    if new.username == SYSTEM:
        raise UsernameTaken(f"The user name {SYSTEM} belongs to the system.", field="username")


def _fit_hash(password: str, person: Person) -> str:
    """Return the hash to store, of a password that every validator accepts for this person."""
    if not can_be_written(password):
        raise UnfitPassword("This password holds half a character.", field="password")
    try:
        validate_password(password, person)
    except ValidationError as unfit:
        reasons = [Reason(message, field="password") for message in unfit.messages]
        raise UnfitPassword("This password cannot be used.", reasons=reasons, field="password") from None
    return make_password(password)


def _end_grants(person: Person, at: datetime, **narrowed: str) -> list[str]:
    """End what is in force at that instant, and what would begin later before it begins; return the roles."""
    grants = RoleGrant.objects.not_over_at(at).filter(person=person, **narrowed)
    roles = sorted(grants.values_list("role", flat=True))
    for grant in grants:
        grant.granted_until = max(at, grant.granted_from)
        grant.save(update_fields=["granted_until"])
    return roles
