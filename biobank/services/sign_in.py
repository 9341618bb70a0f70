"""Proving who signs in, on the same count of wrong attempts as signing."""

from datetime import datetime

import structlog
from django.contrib.auth.hashers import check_password, make_password

from biobank.domain.attempt import SignInRefused
from biobank.domain.text import can_be_written
from biobank.models.person import Person
from biobank.queries.attempt import attempts_name, lock_attempts
from biobank.queries.person import find_person
from biobank.services.attempt import clear_attempts, count_wrong_attempt, refuse_if_locked
from biobank.services.person import system_person
from biobank.services.service import service

log = structlog.get_logger(__name__)


def prove_identity(username: str, password: str, *, at: datetime) -> Person:
    """Return the active person whose username and password these are.

    Raises ``LockedOut`` or ``SignInRefused``; the refusal says nothing of which part was wrong.
    """
    # What cannot be written is nobody's name and no password; no database and no hash is asked.
    written = can_be_written(username) and can_be_written(password) and "\0" not in username
    person = _proved(username.strip(), password, at=at) if written else None
    if person is None:
        log.warning("sign_in.refused")
        raise SignInRefused("The user name or the password is wrong.")
    log.info("sign_in.proved", person=person.pk)
    return person


@service
def _proved(username: str, password: str, *, at: datetime) -> Person | None:
    """Check and count under the lock of the count, so that guesses made at once are counted one by one."""
    lock_attempts(attempts_name(username))
    refuse_if_locked(username, at=at)
    person = find_person(username)
    if _password_is_right(person, password) and person is not None:
        clear_attempts(username, by=person, at=at)
        return person
    count_wrong_attempt(username, by=system_person(at=at), at=at)
    return None


def _password_is_right(person: Person | None, password: str) -> bool:
    """Take the same time for a username that nobody has as for one that somebody has."""
    if person is None:
        make_password(password)
        return False
    return check_password(password, person.password) and person.is_active and not person.is_service
