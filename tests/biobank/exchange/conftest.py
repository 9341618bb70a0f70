"""An export that the services wrote, whole and of one subject, and the verifier run on what became of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.test import override_settings

from biobank.exchange import verify_ledger
from biobank.queries.ledger import head
from biobank.services.ledger_export import export_lines
from biobank.services.signing_key import create_signing_key
from tests.factories.ledger import UNIT, Export, eleven_entries, public_hex
from tests.factories.person import the_system
from tests.factories.time import NOON

Verify = Callable[..., tuple[int, str]]


@pytest.fixture(scope="package")
def exports(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> dict[str | None, Export]:
    """The whole export and UNIT's of a ledger that the services wrote."""
    folder = tmp_path_factory.mktemp("key")
    places = {"BIOBANK_LEDGER_KEY_FILE": folder / "ledger.pem", "BIOBANK_CHECKPOINT_DIR": folder / "checkpoints"}
    with django_db_blocker.unblock(), override_settings(**places), transaction.atomic():
        key = create_signing_key()
        eleven_entries(by=the_system())
        made = {
            subject: Export([line.encode() for line in export_lines(head(), subject=subject, at=NOON)], key)
            for subject in (None, UNIT)
        }
        transaction.set_rollback(True)
    return made


@pytest.fixture
def whole(exports: dict[str | None, Export]) -> Export:
    return exports[None]


@pytest.fixture
def of_unit(exports: dict[str | None, Export]) -> Export:
    return exports[UNIT]


@pytest.fixture
def verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the verifier on an export, with the key that signed it unless told otherwise."""

    def run(export: Export, *arguments: str, key: Ed25519PrivateKey | None = None) -> tuple[int, str]:
        (tmp_path / "export.jsonl").write_bytes(b"".join(export.lines))
        (tmp_path / "key.txt").write_text(public_hex(key or export.key))
        status = verify_ledger.main([str(tmp_path / "export.jsonl"), "--key", str(tmp_path / "key.txt"), *arguments])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run
