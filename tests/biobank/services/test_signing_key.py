"""The key that signs checkpoints: private, never overwritten, and refused where it is broken or missing."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from biobank.exchange import verify_ledger
from biobank.queries.ledger import head
from biobank.services.checkpoint import publish_checkpoint
from biobank.services.signing_key import (
    SigningKeyExists,
    SigningKeyUnusable,
    create_signing_key,
    public_key_of,
    signing_key,
)
from biobank.services.standing import _agreed
from tests.factories.ledger import public_hex
from tests.factories.person import the_system
from tests.factories.time import NOON

pytestmark = pytest.mark.django_db
PKCS8 = (Encoding.PEM, PrivateFormat.PKCS8)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """The folder of this test's checkpoints; its key lies beside it."""
    settings.BIOBANK_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.BIOBANK_LEDGER_KEY_FILE = tmp_path / "keys" / "ledger.pem"
    settings.BIOBANK_DEMO = False
    _agreed.clear()
    return tmp_path / "checkpoints"


@pytest.fixture
def key(folder: Path) -> Ed25519PrivateKey:
    return create_signing_key()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no key",
        b"\xff\xfe\x00",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        generate_private_key(SECP256R1()).private_bytes(*PKCS8, NoEncryption()),
        Ed25519PrivateKey.generate().private_bytes(*PKCS8, BestAvailableEncryption(b"secret")),
        None,
    ],
    ids=["empty", "text", "noise", "cut", "another kind", "with a password", "absent"],
)
def test_a_broken_or_missing_key_is_refused(content: bytes | None, settings: Any, folder: Path) -> None:
    path = Path(settings.BIOBANK_LEDGER_KEY_FILE)
    system = the_system()
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)

    with pytest.raises(SigningKeyUnusable) as refused:
        publish_checkpoint(by=system, at=NOON)

    assert str(path) in str(refused.value)
    assert "--create-key" in refused.value.mend
    assert not folder.exists()
    assert head().number == 1


def test_a_new_key_is_private_and_its_public_half_is_for_auditors(settings: Any) -> None:
    made = create_signing_key()

    path = Path(settings.BIOBANK_LEDGER_KEY_FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert verify_ledger.public_key(str(path.with_suffix(".public.pem"))) == public_key_of(made)
    assert public_key_of(signing_key()) == public_key_of(made)


def test_a_key_is_never_overwritten(key: Ed25519PrivateKey) -> None:
    with pytest.raises(SigningKeyExists):
        create_signing_key()

    assert public_key_of(signing_key()) == public_hex(key)


def test_only_a_demo_makes_its_own_key(settings: Any) -> None:
    settings.BIOBANK_DEMO = True

    made = signing_key()

    settings.BIOBANK_DEMO = False
    assert public_key_of(signing_key()) == public_key_of(made)


def test_a_key_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("in the way")

    with pytest.raises(SigningKeyUnusable, match="cannot be written"):
        create_signing_key()
