"""How a backup is written and read: one ZIP file with a signed manifest, every file of it under its SHA-256."""

import json
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from biobank.domain.backup import FORMAT, ArchiveBroken, Manifest, Member, check_complete, check_names, manifest_of
from biobank.domain.ledger import canonical_json

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 1024 * 1024
PIECE = 1024 * 1024
# All that Python's zipfile raises over a file that is no archive, is cut, or was changed: a place before the file's
# beginning to be read from is an OSError as well.
UNREADABLE = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
    UnicodeError,
)

Progress = Callable[[int, int, str], None]


def write_archive(
    stream: BinaryIO,
    manifest: Manifest,
    sources: Iterable[tuple[str, Path]],
    *,
    key: Ed25519PrivateKey,
    progress: Progress,
) -> Manifest:
    """Write the files and, last, the manifest that lists and seals them; return that manifest."""
    files, wanted = [], list(sources)
    total, done = sum(path.stat().st_size for _, path in wanted), 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, path in wanted:
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
                size, digest = _copied(source, target)
            files.append(Member(name, size, digest))
            done += size
            progress(done, total, name)
        whole = replace(manifest, files=tuple(files))
        signature = key.sign(_message(whole)).hex()
        archive.writestr(MANIFEST, canonical_json({"manifest": whole.stated(), "signature": signature}) + "\n")
    return whole


@dataclass(frozen=True)
class Archive:
    """A backup that was opened: its names and its manifest hold, what its files hold is proved as they are read."""

    manifest: Manifest
    _zip: zipfile.ZipFile

    def check(self, progress: Progress) -> None:
        """Read every file to its end and hold it to the manifest; raises ``ArchiveBroken``."""
        total, done = sum(each.size for each in self.manifest.files), 0
        for member in self.manifest.files:
            self._read(member, None)
            done += member.size
            progress(done, total, member.name)

    def extract(self, name: str, target: BinaryIO) -> None:
        """Write one file's content to ``target``, proved once more; raises ``ArchiveBroken``."""
        self._read(next(each for each in self.manifest.files if each.name == name), target)

    def _read(self, member: Member, target: BinaryIO | None) -> None:
        size, digest = 0, sha256()
        for piece in self._pieces(member.name):
            size += len(piece)
            if size > member.size:
                break
            digest.update(piece)
            if target is not None:
                target.write(piece)
        if (size, digest.hexdigest()) != (member.size, member.sha256):
            raise ArchiveBroken(f"{member.name} is not what its manifest says: it was changed or is damaged.")

    def _pieces(self, name: str) -> Iterator[bytes]:
        # Reading alone: what a full disk says to the one who writes is told as what it is.
        with _told(name), self._zip.open(name) as source:
            while piece := source.read(PIECE):
                yield piece


@contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """Yield a backup whose names, manifest and signature hold.

    Raises ``ArchiveBroken``; nothing is ever unpacked by a name that the archive chose.
    """
    with path.open("rb") as file:
        with _told("it"):
            archive = zipfile.ZipFile(file)
        with archive:
            infos = archive.infolist()
            check_names([info.filename for info in infos], MANIFEST)
            for info in infos:
                _check_plain(info)
            manifest = _manifest(archive)
            check_complete(manifest, {info.filename: info.file_size for info in infos if info.filename != MANIFEST})
            yield Archive(manifest, archive)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise ArchiveBroken("Its manifest is too large to be one.")
    with _told(MANIFEST):
        raw = archive.read(MANIFEST).decode()
    try:
        line = json.loads(raw)
        stated, signature = line["manifest"], bytes.fromhex(line["signature"])
        if canonical_json(line) + "\n" != raw:
            raise ArchiveBroken("Its manifest is not written as one is.")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ArchiveBroken("Its manifest is not written as one is.") from None
    manifest = manifest_of(stated)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest.public_key)).verify(signature, _message(manifest))
    except (InvalidSignature, ValueError, TypeError):
        raise ArchiveBroken("Its manifest was changed after it was signed.") from None
    return manifest


def _message(manifest: Manifest) -> bytes:
    return FORMAT.encode() + b"\0" + canonical_json(manifest.stated()).encode()


def _check_plain(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise ArchiveBroken(f"{info.filename} is a link or a device, not a file.")
    if info.flag_bits & 1:
        raise ArchiveBroken(f"{info.filename} is encrypted, which a backup of this house never is.")
    # Other ways of packing end in other faults, which could not be told from those of a disk.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveBroken(f"{info.filename} is packed in another way than a backup of this house is.")


def _copied(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Copy to the end; return size and SHA-256 of what was read."""
    size, digest = 0, sha256()
    while piece := source.read(PIECE):
        size += len(piece)
        digest.update(piece)
        target.write(piece)
    return size, digest.hexdigest()


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise ArchiveBroken(f"The archive is damaged or cut: {what} cannot be read ({why!a:.160}).") from None
