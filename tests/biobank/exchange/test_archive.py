"""A backup's archive is read as it was written, and one that was changed, cut or made up is refused for its reason."""

import io
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from biobank.domain.backup import FORMAT, ArchiveBroken, Manifest, Member
from biobank.domain.ledger import canonical_json
from biobank.exchange.archive import MANIFEST, opened_archive, write_archive

KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
SEAL = "ab" * 32
CONTENTS = {
    "database.sqlite3": b"SQLite format 3\0" + bytes(range(256)) * 20,
    "reports/custody-1.pdf": b"%PDF-1.7 invented",
    "checkpoints/checkpoint-000000000012.json": b'{"checkpoint":{}}\n',
}
HEADER = Manifest(
    at="2026-03-14T12:00:00.000000Z",
    database="sqlite",
    number=12,
    seal=SEAL,
    migrations=("biobank.0001_initial",),
    public_key=KEY.public_key().public_bytes_raw().hex(),
)


def silent(_done: int, _total: int, _what: str) -> None:
    """Show nothing."""


def written(folder: Path, contents: dict[str, bytes] = CONTENTS) -> bytes:
    sources = []
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f"source-{number}"
        path.write_bytes(content)
        sources.append((name, path))
    stream = io.BytesIO()
    write_archive(stream, HEADER, sources, key=KEY, progress=silent)
    return stream.getvalue()


def read(path: Path, content: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """Return all that an archive says and holds, read as a restore reads it."""
    path.write_bytes(content)
    with opened_archive(path) as archive:
        archive.check(silent)
        contents = {}
        for member in archive.manifest.files:
            target = io.BytesIO()
            archive.extract(member.name, target)
            contents[member.name] = target.getvalue()
        return archive.manifest, contents


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    return written(tmp_path)


def test_what_was_written_is_read_back(whole: bytes, tmp_path: Path) -> None:
    manifest, contents = read(tmp_path / "backup.zip", whole)

    assert contents == CONTENTS
    assert (manifest.number, manifest.seal, manifest.database_file) == (12, SEAL, "database.sqlite3")
    assert [each.name for each in manifest.files] == list(CONTENTS)


def test_progress_is_told_in_bytes_until_all_is_done(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    source = tmp_path / "source"
    source.write_bytes(b"x" * 10)

    write_archive(
        io.BytesIO(), HEADER, [("database.sqlite3", source)], key=KEY, progress=lambda *step: told.append(step)
    )

    assert told[-1] == (10, 10, "database.sqlite3")


class FullDisk(io.BytesIO):
    """Takes nothing."""

    def write(self, _piece: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_not_told_as_a_damaged_archive(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "backup.zip").write_bytes(whole)

    with opened_archive(tmp_path / "backup.zip") as archive, pytest.raises(OSError, match="No space left"):
        archive.extract("database.sqlite3", FullDisk())


# Archives made up by hand, as somebody would who holds no key, or holds it and lies.

Spoil = Callable[[dict[str, bytes]], bytes]


def zipped(contents: dict[str, bytes], *, attributes: dict[str, int] | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (attributes or {}).get(name, 0)
            archive.writestr(info, content)
    return stream.getvalue()


def contents_of(whole: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_file(name: str, content: bytes = b"x") -> Spoil:
    return lambda contents: zipped({**contents, name: content})


def without(name: str) -> Spoil:
    return lambda contents: zipped({kept: content for kept, content in contents.items() if kept != name})


def of_kind(name: str, kind: int) -> Spoil:
    return lambda contents: zipped(contents, attributes={name: (kind | 0o777) << 16})


def listed(*files: Member, key: Ed25519PrivateKey = KEY, **stated: Any) -> Spoil:
    """Write a manifest of one's own choice, signed."""

    def spoil(contents: dict[str, bytes]) -> bytes:
        manifest = replace(HEADER, files=files).stated() | stated
        signature = key.sign(FORMAT.encode() + b"\0" + canonical_json(manifest).encode()).hex()
        line = canonical_json({"manifest": manifest, "signature": signature}) + "\n"
        return zipped({**contents, MANIFEST: line.encode()})

    return spoil


def packed(method: int) -> Spoil:
    def spoil(contents: dict[str, bytes]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        return stream.getvalue()

    return spoil


def doubled(contents: dict[str, bytes]) -> bytes:
    stream = io.BytesIO(zipped(contents))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("database.sqlite3", b"another")
    return stream.getvalue()


def replaced(old: bytes, new: bytes) -> Spoil:
    def spoil(contents: dict[str, bytes]) -> bytes:
        assert old in contents[MANIFEST]
        return zipped({**contents, MANIFEST: contents[MANIFEST].replace(old, new, 1)})

    return spoil


DATABASE = Member("database.sqlite3", 3, "ab" * 32)
STRANGE = "does not belong in a backup"
NOT_WRITTEN = "manifest is not written as one is"
BROKEN: dict[str, tuple[Spoil, str]] = {
    # Ways out of the folder, and names that are none of a backup's.
    "a way up": (with_file("../evil"), STRANGE),
    "a way up inside": (with_file("reports/../../evil.pdf"), STRANGE),
    "an absolute path": (with_file("/etc/passwd"), STRANGE),
    "a drive": (with_file("C:/evil.pdf"), STRANGE),
    "a backslash": (with_file("reports/..\\evil.pdf"), STRANGE),
    "a hidden file": (with_file("reports/.evil"), STRANGE),
    "a folder": (with_file("reports/"), STRANGE),
    "a folder deeper": (with_file("reports/a/b.pdf"), STRANGE),
    "a key": (with_file("keys/ledger.pem"), STRANGE),
    "a line end in a name": (with_file("reports/a.pdf\n"), STRANGE),
    "letters that look alike": (with_file("reports/а.pdf"), STRANGE),
    "a checkpoint of another name": (with_file("checkpoints/evil.json"), STRANGE),
    "a name twice": (doubled, "holds a name twice"),
    "a link": (of_kind("reports/custody-1.pdf", stat.S_IFLNK), "is a link or a device"),
    "a pipe": (of_kind("database.sqlite3", stat.S_IFIFO), "is a link or a device"),
    "a device": (of_kind(MANIFEST, stat.S_IFCHR), "is a link or a device"),
    "packed with bzip2": (packed(zipfile.ZIP_BZIP2), "is packed in another way"),
    "packed with lzma": (packed(zipfile.ZIP_LZMA), "is packed in another way"),
    # What is not what the manifest says.
    "no manifest": (without(MANIFEST), "holds no manifest"),
    "a file lost": (without("reports/custody-1.pdf"), "not those of its manifest: 'reports/custody-1.pdf'"),
    "a file more": (with_file("reports/more.pdf"), "not those of its manifest: 'reports/more.pdf'"),
    "a file longer": (with_file("reports/custody-1.pdf", b"longer than it was"), "bytes long, where its manifest says"),
    "a file changed": (with_file("reports/custody-1.pdf", b"%PDF-1.7 INVENTED"), "is not what its manifest says"),
    "no database": (listed(), "lists no database"),
    "a size that is none": (listed(replace(DATABASE, size="big")), "not those of its manifest"),  # type: ignore[arg-type]
    # Manifests that are none.
    "a manifest edited": (replaced(b'"number":12', b'"number":13'), "changed after it was signed"),
    "a manifest reformatted": (replaced(b'"number":', b'"number": '), NOT_WRITTEN),
    "a manifest cut": (replaced(b'"}\n', b""), NOT_WRITTEN),
    "no JSON": (with_file(MANIFEST, b"manifest"), NOT_WRITTEN),
    "no text": (with_file(MANIFEST, b"\xff\xfe"), "manifest.json cannot be read"),
    "a list": (with_file(MANIFEST, b"[]\n"), NOT_WRITTEN),
    "too deep": (with_file(MANIFEST, b"[" * 100_000), NOT_WRITTEN),
    "a stranger's signature": (listed(DATABASE, key=STRANGER), "changed after it was signed"),
    "no key": (listed(DATABASE, public_key="zz"), "changed after it was signed"),
    "a key that is a number": (listed(DATABASE, public_key=7), "changed after it was signed"),
    "another format": (listed(DATABASE, format="biobank-backup-v2"), "of another form"),
    "another database": (listed(DATABASE, database="mysql"), "of another form"),
    "more stated": (listed(DATABASE, note="x"), "of another form"),
    "less stated": (listed(DATABASE, ledger={}), "lacks what a manifest states"),
    "files that are none": (listed(files=["x"]), "lacks what a manifest states"),
}


@pytest.mark.parametrize(("spoil", "reason"), BROKEN.values(), ids=BROKEN)
def test_an_archive_that_is_not_sound_is_refused_for_its_reason(
    spoil: Spoil, reason: str, whole: bytes, tmp_path: Path
) -> None:
    spoilt = spoil(contents_of(whole))

    with pytest.raises(ArchiveBroken, match=reason) as refused:
        read(tmp_path / "backup.zip", spoilt)

    assert "nothing was touched" in refused.value.mend
    assert not list(tmp_path.rglob("*evil*"))


@settings(max_examples=200)
@given(data=st.data())
def test_a_cut_archive_is_refused_wherever_it_is_cut(whole: bytes, tmp_path: Path, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(whole) - 1))

    with pytest.raises(ArchiveBroken):
        read(tmp_path / "backup.zip", whole[:length])


@settings(max_examples=500)
@given(data=st.data())
def test_a_flipped_bit_is_refused_or_changes_nothing_that_is_restored(
    whole: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    place, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    spoilt = bytearray(whole)
    spoilt[place] ^= 1 << bit

    try:
        manifest, contents = read(tmp_path / "backup.zip", bytes(spoilt))
    except ArchiveBroken:
        return

    assert contents == CONTENTS
    assert manifest == read(tmp_path / "backup.zip", whole)[0]
