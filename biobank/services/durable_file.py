"""Writing files that are either there in full or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast


@contextmanager
def durable_file(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Yield a file that takes the name ``path`` at the end, safe from a power cut; on any fault the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as temporary:
        try:
            yield cast("BinaryIO", temporary)
            temporary.flush()
            os.fchmod(temporary.fileno(), mode)
            os.fsync(temporary.fileno())
            Path(temporary.name).replace(path)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def write_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a whole file; see ``durable_file``."""
    with durable_file(path, mode=mode) as file:
        file.write(content)


def _sync_folder(folder: Path) -> None:
    # The new name itself is safe only once the folder is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
