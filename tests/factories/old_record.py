"""A record older than its checkpoints, as an old backup leaves it, and the two people who may resume it."""

from pathlib import Path

from django.db import connection

from biobank.domain.resume import Missing
from biobank.domain.role import Role
from biobank.models.ledger import LedgerEntry, LedgerHead, LedgerSubject
from biobank.models.person import Person
from biobank.queries.ledger import head
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.guard import drop_guards, install_guards
from biobank.services.resume import Resumption, Typed, missing_of_checkpoints
from biobank.services.signing_key import create_signing_key
from tests.factories.ledger import eleven_entries
from tests.factories.person import PASSWORD, person, the_system
from tests.factories.time import NOON, hours

REASON = "The disk of the night before is lost; no newer backup exists."


def restore_old_backup(*, until: int) -> None:
    """Make the ledger what it was at an entry, as restoring an old backup does."""
    drop_guards(connection)
    LedgerSubject.objects.filter(entry_id__gt=until)._raw_delete("default")
    LedgerEntry.objects.filter(number__gt=until)._raw_delete("default")
    last = LedgerEntry.objects.get(number=until)
    LedgerHead.objects.update(number=until, seal=last.seal, at=last.at)
    install_guards(connection)


def older_than_its_checkpoint() -> tuple[int, Path]:
    """Return entry and file of a checkpoint that knows three entries more than the record."""
    create_signing_key()
    eleven_entries(by=the_system())
    number = head().number
    path = publish_checkpoint(by=the_system(), at=NOON + hours(20))
    restore_old_backup(until=number - 3)
    return number, path


def administrator() -> Person:
    """Return an administrator who may sign."""
    return person(Role.ADMINISTRATOR, username="administrator")


def quality() -> Person:
    """Return a quality reviewer who may sign."""
    return person(Role.QUALITY_REVIEWER, username="quality")


def resumption(
    *,
    shown: Missing | None = None,
    reason: str = REASON,
    administrator: str = "administrator",
    quality: str = "quality",
    passwords: tuple[str, str] = (PASSWORD, PASSWORD),
) -> Resumption:
    """Return what the two type after they have read the list."""
    return Resumption(
        shown=shown or missing_of_checkpoints(),
        reason=reason,
        administrator=Typed(administrator, passwords[0]),
        quality=Typed(quality, passwords[1]),
    )
