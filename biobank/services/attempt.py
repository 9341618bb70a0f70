"""The one count of wrong attempts, shared by sign-in and signing."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings

from biobank.domain.attempt import Count, after_wrong_attempt, check_not_locked, is_locked
from biobank.models.person import Person
from biobank.models.signature import Attempts
from biobank.queries.attempt import attempts_name, count_of, lock_attempts
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.standing import head_is_behind

log = structlog.get_logger(__name__)


def refuse_if_locked(username: str, *, at: datetime) -> None:
    """Refuse whatever needs a password while its username is locked out."""
    check_not_locked(count_of(attempts_name(username)), at)


@service
def count_wrong_attempt(username: str, *, by: Person, at: datetime) -> None:
    """Count one wrong attempt; the one that locks the username out is reported in the ledger and in the log.

    While the record is older than its checkpoints people sign in all the same, and guesses must lock out all the same:
    then the log alone knows.
    """
    row = lock_attempts(attempts_name(username))
    before = Count(wrong=row.wrong_count, locked_until=row.locked_until)
    lock_out = timedelta(minutes=settings.BIOBANK_LOCKOUT_MINUTES)
    after = after_wrong_attempt(before, at, most=settings.BIOBANK_MAX_WRONG_ATTEMPTS, lock_out=lock_out)
    row.wrong_count, row.last_wrong_at, row.locked_until = after.wrong, at, after.locked_until
    row.save(update_fields=["wrong_count", "last_wrong_at", "locked_until"])
    if is_locked(after, at) and not is_locked(before, at):
        log.warning("person.locked_out", wrong_attempts=after.wrong)
        if head_is_behind():
            return
        new = {"wrong_attempts": after.wrong, "locked_until": after.locked_until}
        record("person.locked_out", subjects=[row.username], by=by, at=at, new=new)


@service
def clear_attempts(username: str, *, by: Person, at: datetime) -> None:  # noqa: ARG001 - every service says by whom and when
    """Forget the wrong attempts under a username, once its password was proved or set anew."""
    Attempts.objects.filter(username=username).exclude(wrong_count=0).update(wrong_count=0, locked_until=None)
