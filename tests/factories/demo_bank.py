"""The bank that one real run of the demo built, for every test of the run to ask, and copies of it to break."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from fcntl import LOCK_EX, flock
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.database import SHARED

ROOT = Path(__file__).resolve().parents[2]
# What a test run sets for itself, and what a machine with nothing but Python would not have.
_OURS = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "CI")
SECONDS = 300


@dataclass(frozen=True)
class Ended:
    """How a command ended and all it said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams, as a person at a terminal sees them."""
        return self.out + self.err


@dataclass(frozen=True)
class DemoBank:
    """A bank in a folder: its database, keys, checkpoints and reports, and how the demo that built it ended."""

    var: Path
    built: Ended

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.var / "biobank.sqlite3"

    @property
    def checkpoint(self) -> Path:
        """The newest checkpoint."""
        return max((self.var / "checkpoints").iterdir())

    @property
    def public_key(self) -> Path:
        """What auditors are given to check signatures with."""
        return self.var / "keys" / "ledger.public.pem"

    @property
    def walked(self) -> str:
        """The code of the unit that the demo took from consent to outcome."""
        return str(
            self.one(
                "SELECT DISTINCT u.code FROM inventory_unit u JOIN inventory_outcome o ON o.unit_id = u.id "
                "JOIN inventory_recipient c ON c.id = o.recipient_id WHERE c.code = 'LC-0042'"
            )
        )

    def manage(self, *arguments: str, **variables: str) -> Ended:
        """Run manage.py on this bank."""
        return manage(*arguments, BIOBANK_VAR=str(self.var), **variables)

    def rows(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the database file, past Django."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as database:
            return list(database.execute(question, values))

    def one(self, question: str, *values: object) -> object:
        """Return the only value of the only row."""
        ((value,),) = self.rows(question, *values)
        return value

    @contextmanager
    def typed_past_the_services(self, *, guarded: bool = False) -> Iterator[sqlite3.Connection]:
        """Open the file as an attacker with a shell would; without the triggers unless ``guarded``."""
        with closing(sqlite3.connect(self.database)) as database, database:
            if not guarded:
                for (name,) in list(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
                    database.execute(f'DROP TRIGGER "{name}"')
            yield database

    def copied_to(self, folder: Path) -> "DemoBank":
        """Return a bank of the same content that a test may break."""
        shutil.copytree(self.var, folder)
        return replace(self, var=folder)


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a machine that has only Python, with these variables."""
    plain = {key: value for key, value in os.environ.items() if key not in _OURS and not key.startswith("BIOBANK_")}
    return plain | {"PYTHONWARNINGS": "default"} | variables


def run(*command: str, **variables: str) -> Ended:
    """Run a command in the project's folder to its end."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def manage(*arguments: str, **variables: str) -> Ended:
    """Run manage.py."""
    return run(sys.executable, "manage.py", *arguments, **variables)


@cache
def demo_bank() -> DemoBank:
    """Run the demo once for all processes of the run, with the fewest units; return this process's copy of its bank."""
    shared = Path(os.environ[SHARED])
    first, said = shared / "demo", shared / "demo.json"
    with (shared / "demo.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not said.exists():
            said.write_text(json.dumps(asdict(manage("demo", "--no-serve", "--units", "60", BIOBANK_VAR=str(first)))))
    built = DemoBank(first, Ended(**json.loads(said.read_text())))
    # Whoever opens a database file has files come and go beside it: none of that while another process copies.
    return built.copied_to(shared / f"demo-{os.getpid()}")


def digest_of(file: Path) -> str:
    """Return what changes when one byte of the file does."""
    return sha256(file.read_bytes()).hexdigest()


def is_plain_refusal(ended: Ended) -> bool:
    """Whether a command ended as the house ends what it cannot do: not with 0, in one line, without a traceback.

    Lines of the structured log may stand beside it: they are for those who collect them.
    """
    lines = [line for line in ended.err.splitlines() if line.strip() and not line.startswith("{")]
    return ended.status != 0 and "Traceback" not in ended.said and len(lines) == 1
