"""When wrong attempts under one username lock it out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from biobank.domain.refusal import RuleViolation


@dataclass(frozen=True)
class Count:
    """Wrong attempts in a row, and until when the username is locked because of them."""

    wrong: int = 0
    locked_until: datetime | None = None


class LockedOut(RuleViolation):
    code: ClassVar[str] = "locked-out"
    title: ClassVar[str] = "Locked out"


class SignInRefused(RuleViolation):
    """One answer for an unknown username, a wrong password and an account that is not active."""

    code: ClassVar[str] = "sign-in-refused"
    title: ClassVar[str] = "Sign-in refused"
    mend = "Check both and try again, or ask an administrator."


def is_locked(count: Count, at: datetime) -> bool:
    """Whether the username is locked out at that instant; the instant of the end is past."""
    return count.locked_until is not None and at < count.locked_until


def after_wrong_attempt(count: Count, at: datetime, *, most: int, lock_out: timedelta) -> Count:
    """Return the count after one more wrong attempt: ``most`` in a row lock the username out.

    An attempt while locked out neither counts nor prolongs; the first one after it starts from one again.
    """
    if is_locked(count, at):
        return count
    wrong = 1 if count.locked_until is not None else count.wrong + 1
    return Count(wrong=wrong, locked_until=at + lock_out if wrong >= most else None)


def check_not_locked(count: Count, at: datetime) -> None:
    """Refuse whatever needs this username's password while it is locked out."""
    if is_locked(count, at) and count.locked_until is not None:
        minutes = -((at - count.locked_until) // timedelta(minutes=1))
        raise LockedOut(
            "Too many wrong attempts: this user name is locked out.",
            mend=f"Try again in {minutes} minute{'' if minutes == 1 else 's'}, or ask an administrator.",
        )
