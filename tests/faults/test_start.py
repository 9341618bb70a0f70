"""Every unsafe start: one clear message, a status that is not 0, no traceback; or a bank that opens read-only."""

import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from biobank.settings import published
from tests.factories.demo_bank import DemoBank, Ended, demo_bank, is_plain_refusal, manage, run

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

CELERY = (sys.executable, "-m", "celery", "-A", "biobank", "worker", "--pool", "solo", "-l", "WARNING")
GUNICORN = (sys.executable, "-m", "gunicorn", "biobank.wsgi", "--bind", "127.0.0.1:0")
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "biobank.settings.production",
    "SECRET_KEY": "k2Q9xW4vR7tY1uI5oP8aS3dF6gH0jL-zX_cV*bN+mQwErTyUiOp",
    "ALLOWED_HOSTS": "bank.example",
    "BIOBANK_IDENTITY_KEYS": "k1:00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "BIOBANK_IDENTITY_INDEX_KEY": "ffeeddccbbaa99887766554433221100f0e1d2c3b4a5968778695a4b3c2d1e0f",
}


@pytest.fixture
def bank(tmp_path):
    return demo_bank().copied_to(tmp_path / "var")


def local(bank: DemoBank, **variables: str) -> dict[str, str]:
    return {"BIOBANK_VAR": str(bank.var), "DJANGO_SETTINGS_MODULE": "biobank.settings.local", **variables}


def in_django(bank: DemoBank, code: str, **variables: str) -> Ended:
    """Run a few lines as a process of this bank."""
    return run(sys.executable, "-c", f"import django; django.setup()\n{code}", **local(bank, **variables))


def entries(bank: DemoBank) -> object:
    return bank.one("SELECT count(*) FROM biobank_ledgerentry")


def is_told(ended: Ended, *words: str) -> bool:
    return ended.status != 0 and "Traceback" not in ended.said and all(word in ended.said for word in words)


def without_guards(bank: DemoBank) -> DemoBank:
    with bank.typed_past_the_services():
        return bank


# A broken or missing key.


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
@pytest.mark.parametrize("command", [("checkpoint",), ("export_ledger",)], ids=["checkpoint", "export"])
def test_a_broken_signing_key_stops_what_signs(bank, command, content):
    (bank.var / "keys" / "ledger.pem").write_bytes(content)
    before = entries(bank)

    answer = bank.manage(*command)

    assert is_plain_refusal(answer), answer.said
    assert "holds no private key in PEM without a password" in answer.err
    assert answer.out == ""
    assert entries(bank) == before


def test_a_key_of_another_kind_is_named(bank):
    key = generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (bank.var / "keys" / "ledger.pem").write_bytes(pem)

    answer = bank.manage("checkpoint")

    assert is_plain_refusal(answer), answer.said
    assert "is not an Ed25519 key" in answer.err


def test_a_missing_signing_key_is_made_by_nobody_outside_a_demo(bank):
    (bank.var / "keys" / "ledger.pem").unlink()

    answer = bank.manage("checkpoint", BIOBANK_DEMO="no")

    assert is_plain_refusal(answer), answer.said
    assert not (bank.var / "keys" / "ledger.pem").exists()


@pytest.mark.parametrize("name", ["reports.key.pem", "reports.cert.pem"])
def test_a_broken_sealing_key_stops_the_document_and_leaves_the_old_one(bank, name):
    (bank.var / "keys" / name).write_text("broken")
    before = sorted((bank.var / "reports").iterdir())
    code = f"""
from django.utils import timezone
from biobank.domain.refusal import RuleViolation
from biobank.models.person import Person
from inventory.models.unit import Unit
from inventory.services.report import generate_custody_report
code = Unit.objects.exclude(code="{bank.walked}").first().code
try:
    generate_custody_report(code, by=Person.objects.get(username="quality"), at=timezone.now())
except RuleViolation as refusal:
    print(type(refusal).__name__, refusal.mend)
"""

    answer = in_django(bank, code)

    assert "SealingKeyBroken" in answer.out, answer.said
    assert "BIOBANK_PDF_KEY_FILE" in answer.out
    assert sorted((bank.var / "reports").iterdir()) == before


# A place that cannot be written.


@pytest.mark.parametrize("command", [("migrate",), ("demo", "--no-serve"), ("verify",), ("checkpoint",)])
def test_a_var_that_cannot_be_written_is_named(tmp_path, command):
    (tmp_path / "var").write_text("a file in the folder's place")

    answer = manage(*command, BIOBANK_VAR=str(tmp_path / "var"))

    assert is_plain_refusal(answer), answer.said
    assert f"BIOBANK_VAR: {tmp_path / 'var'}" in answer.err


def test_a_folder_of_checkpoints_that_cannot_be_made_is_named(bank):
    before = entries(bank)
    (bank.var / "in the way").write_text("")

    answer = bank.manage("checkpoint", BIOBANK_CHECKPOINT_DIR=str(bank.var / "in the way" / "checkpoints"))

    assert is_plain_refusal(answer), answer.said
    assert "in the way" in answer.err
    assert entries(bank) == before


# A database that does not keep its promises.


def test_a_database_without_its_triggers_is_not_written(bank):
    before = entries(without_guards(bank))

    answer = bank.manage("checkpoint")

    assert is_plain_refusal(answer), answer.said
    assert "guards are missing in the database" in answer.err
    assert "Run “manage.py migrate”" in answer.err
    assert entries(bank) == before


def test_a_worker_does_not_start_on_a_database_without_its_triggers(bank):
    answer = run(*CELERY, **local(without_guards(bank)))

    assert is_told(answer, "guards are missing in the database", "Run “manage.py migrate”"), answer.said


def test_the_web_server_does_not_start_on_a_database_without_its_triggers(bank):
    answer = run(*GUNICORN, **local(without_guards(bank)))

    assert is_told(answer, "guards are missing in the database", "Run “manage.py migrate”"), answer.said


def test_migrating_puts_the_triggers_back_and_all_starts_again(bank):
    without_guards(bank)

    assert bank.manage("migrate", "-v0").status == 0

    assert bank.manage("checkpoint").status == 0


@pytest.mark.parametrize(
    "command", [CELERY, GUNICORN, (sys.executable, "manage.py", "checkpoint")], ids=["worker", "web", "command"]
)
def test_unapplied_migrations_stop_the_start(bank, command):
    with bank.typed_past_the_services(guarded=True) as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'inventory'")

    answer = run(*command, **local(bank))

    assert is_told(answer, "migrations are not applied", "Run “manage.py migrate”"), answer.said


@pytest.mark.parametrize("command", ["verify", "checkpoint", "export_ledger"])
def test_a_database_that_is_not_there_yet_is_told_so(tmp_path, command):
    answer = manage(command, BIOBANK_VAR=str(tmp_path / "var"))

    assert is_plain_refusal(answer), answer.said
    assert "igrat" in answer.err


@pytest.mark.parametrize("command", ["verify", "checkpoint", "export_ledger", "migrate"])
def test_a_file_that_is_no_database_is_told_so(tmp_path, command):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "biobank.sqlite3").write_text("not a database " * 100)

    answer = manage(command, BIOBANK_VAR=str(tmp_path / "var"))

    assert is_plain_refusal(answer), answer.said
    assert "file is not a database" in answer.err


@pytest.mark.parametrize(
    "pragma", ["foreign_keys=OFF", "recursive_triggers=OFF", "synchronous=NORMAL", "journal_mode=DELETE"]
)
def test_a_connection_without_a_needed_pragma_stops_the_start(bank, pragma):
    code = f"""
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA {pragma}"
from django.core.management import call_command, CommandError
try:
    call_command("checkpoint")
except CommandError as refusal:
    print("refused:", refusal)
"""
    before = entries(bank)

    answer = in_django(bank, code)

    assert f"refused: The database is not safe to use. “PRAGMA {pragma.partition('=')[0]}” answers" in answer.out, (
        answer.said
    )
    assert entries(bank) == before


# Production without keys of its own.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "tooBrief"),
        ("SECRET_KEY", published.LOCAL_SECRET_KEY),
        ("BIOBANK_IDENTITY_KEYS", ""),
        ("BIOBANK_IDENTITY_KEYS", "k1:0011"),
        ("BIOBANK_IDENTITY_KEYS", f"k1:{published.LOCAL_IDENTITY_KEY}"),
        ("BIOBANK_IDENTITY_INDEX_KEY", "00" * 32),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "nonsense"),
    ],
)
@pytest.mark.parametrize(
    "command", [(sys.executable, "manage.py", "check"), GUNICORN, CELERY], ids=["command", "web", "worker"]
)
def test_production_does_not_start_without_keys_of_its_own(tmp_path, command, name, value):
    variables = PRODUCTION | {"DATABASE_URL": "sqlite://", "BIOBANK_VAR": str(tmp_path / "var"), name: value}

    answer = run(*command, **variables)

    assert is_told(answer, name), answer.said
    assert not value or value not in answer.said


@pytest.mark.postgresql
def test_a_server_that_is_down_is_told_in_a_line(tmp_path):
    url = "postgresql://postgres@127.0.0.1:1/nobody"

    answer = manage("verify", BIOBANK_VAR=str(tmp_path / "var"), DATABASE_URL=url)

    assert is_plain_refusal(answer), answer.said
    assert "Start or migrate it" in answer.err
