"""What a backup states of itself, which names may lie in it, and why one is not made or not restored."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from biobank.domain.refusal import Reason, RuleViolation

FORMAT = "biobank-backup-v1"
KEYS_ARE_ELSEWHERE = (
    "No key is in this archive: neither the keys of donor identity nor those that sign. Without a copy of them, kept "
    "elsewhere, identities stay unreadable."
)
DATABASE_FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
_NAME = re.compile(
    r"database\.(?:sqlite3|dump)|reports/[A-Za-z0-9][A-Za-z0-9._-]{0,199}|checkpoints/checkpoint-[0-9a-f-]{1,60}\.json"
)


@dataclass(frozen=True)
class Member:
    """One file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: ``number`` and ``seal`` are the ledger's head in it, ``at`` is written as in the ledger."""

    at: str
    database: str
    number: int
    seal: str
    migrations: tuple[str, ...]
    public_key: str
    files: tuple[Member, ...] = ()

    @property
    def database_file(self) -> str:
        """The member that is the database."""
        return DATABASE_FILES[self.database]

    def stated(self) -> dict[str, object]:
        """Return what is written and signed."""
        return {
            "at": self.at,
            "database": self.database,
            "files": [{"name": each.name, "sha256": each.sha256, "size": each.size} for each in self.files],
            "format": FORMAT,
            "keys": KEYS_ARE_ELSEWHERE,
            "ledger": {"number": self.number, "seal": self.seal},
            "migrations": list(self.migrations),
            "public_key": self.public_key,
        }


class BackupNotMade(RuleViolation):
    code: ClassVar[str] = "backup-not-made"
    title: ClassVar[str] = "No backup was made"
    mend = "Mend what is named and run the backup again; nothing that was there before was changed."


class ArchiveBroken(RuleViolation):
    """The archive is not one that this house wrote, or not whole, or not as it was."""

    code: ClassVar[str] = "archive-broken"
    title: ClassVar[str] = "This archive cannot be trusted"
    mend = "Fetch another copy of it, or an earlier backup; nothing was touched."


class NotRestored(RuleViolation):
    """The archive is sound, but it is not restored here and so."""

    code: ClassVar[str] = "not-restored"
    title: ClassVar[str] = "Nothing was restored"
    mend = "Mend what is named and restore again; the database is as it was."


class MigrationsWaiting(RuleViolation):
    """The backup was made by an earlier version: its data is back, in the shape of that version."""

    code: ClassVar[str] = "migrations-waiting"
    title: ClassVar[str] = "Restored, in an earlier shape"
    mend = "Run “manage.py migrate” with the database's owner, then “manage.py verify”."


def may_be_member(name: str) -> bool:
    """Whether a backup may hold a file of this name: no folder but its own two, no way out of them."""
    return _NAME.fullmatch(name) is not None


def check_names(names: Collection[str], manifest: str) -> None:
    """Refuse an archive with a name that does not belong there, or the same name twice."""
    strange = sorted(name for name in set(names) - {manifest} if not may_be_member(name))
    if strange:
        raise ArchiveBroken(f"It holds a name that does not belong in a backup: {strange[0]!a:.120}.")
    if len(set(names)) != len(names):
        raise ArchiveBroken("It holds a name twice.")
    if manifest not in names:
        raise ArchiveBroken("It holds no manifest: it is no backup of this house, or only part of one.")


def manifest_of(stated: dict[str, Any]) -> Manifest:
    """Return the manifest that was read; raises ``ArchiveBroken`` where it says something else than one does."""
    try:
        files = tuple(Member(each["name"], each["size"], each["sha256"]) for each in stated["files"])
        ledger, migrations = stated["ledger"], tuple(stated["migrations"])
        manifest = Manifest(
            at=stated["at"],
            database=stated["database"],
            number=ledger["number"],
            seal=ledger["seal"],
            migrations=migrations,
            public_key=stated["public_key"],
            files=files,
        )
    except (KeyError, TypeError, IndexError):
        raise ArchiveBroken("Its manifest lacks what a manifest states.") from None
    if manifest.stated() != stated or manifest.database not in DATABASE_FILES:
        raise ArchiveBroken("Its manifest is of another form than this version reads.")
    return manifest


def check_complete(manifest: Manifest, sizes: dict[str, int]) -> None:
    """Refuse an archive whose files are not those of its manifest."""
    listed = {each.name: each.size for each in manifest.files}
    if manifest.database_file not in listed:
        raise ArchiveBroken("Its manifest lists no database.")
    if len(listed) != len(manifest.files) or listed.keys() != sizes.keys():
        odd = sorted(listed.keys() ^ sizes.keys()) or ["the same name twice"]
        raise ArchiveBroken(f"Its files are not those of its manifest: {odd[0]!a:.120}.")
    for name, size in listed.items():
        if sizes[name] != size:
            raise ArchiveBroken(f"{name} is {sizes[name]} bytes long, where its manifest says {size!a:.40}.")


def check_restorable(manifest: Manifest, *, database: str, known_migrations: Iterable[str]) -> None:
    """Refuse a backup of the other database, or of a later version of this house."""
    reasons = []
    if manifest.database != database:
        reasons.append(Reason(f"It is a backup of {manifest.database}, and DATABASE_URL names {database}."))
    if later := sorted(set(manifest.migrations) - set(known_migrations)):
        reasons.append(Reason(f"It was made by a later version, which knows {later[0]!a:.120}: install that first."))
    if reasons:
        raise NotRestored("This backup does not belong here.", reasons=reasons)


def check_may_replace(*, is_empty: bool, name: str, typed: str) -> None:
    """Refuse to write over a database, unless its name was typed."""
    if is_empty or typed == name:
        return
    raise NotRestored(
        f"The database {name} is not empty." if not typed else f"“{typed:.80}” is not the name of the database {name}.",
        mend=f"Restore into an empty database; or, to lose what is in it, add “--force {name}”. Nothing was touched.",
        field="force",
    )
