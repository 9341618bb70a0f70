"""manage.py demo where it must not build or remove anything, and while it serves."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.factories.demo_bank import DemoBank, demo_bank, digest_of, environment, is_plain_refusal, manage
from tests.redis import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "biobank.settings.production",
    "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(60)).replace("'", "x"),
    "ALLOWED_HOSTS": "bank.example",
    "BIOBANK_IDENTITY_KEYS": "k1:00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "BIOBANK_IDENTITY_INDEX_KEY": "ffeeddccbbaa99887766554433221100f0e1d2c3b4a5968778695a4b3c2d1e0f",
}


@pytest.fixture
def bank(tmp_path):
    return demo_bank().copied_to(tmp_path / "var")


def fresh_demo(var: Path, *arguments, **variables):
    return manage("demo", "--no-serve", "--units", "60", *arguments, BIOBANK_VAR=str(var), **variables)


def foreign_database(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE biobank_person (id INTEGER PRIMARY KEY, username TEXT)")
        database.execute("INSERT INTO biobank_person (username) VALUES ('a real person')")
    return file


def test_a_bank_that_is_not_empty_is_refused_with_the_next_step(bank):
    before = bank.one("SELECT number FROM biobank_ledgerhead")

    answer = fresh_demo(bank.var)

    assert is_plain_refusal(answer), answer.said
    assert answer.status == 1
    assert "This bank is not empty. Run “python manage.py demo --reset”" in answer.err
    assert bank.one("SELECT number FROM biobank_ledgerhead") == before


def test_a_database_that_no_demo_marked_is_not_removed(tmp_path):
    file = foreign_database(tmp_path / "var" / "biobank.sqlite3")
    before = digest_of(file)

    answer = fresh_demo(tmp_path / "var", "--reset")

    assert is_plain_refusal(answer), answer.said
    assert "was not made by a demo" in answer.err
    assert digest_of(file) == before


def test_a_file_that_is_no_database_is_not_removed(tmp_path):
    file = tmp_path / "var" / "biobank.sqlite3"
    file.parent.mkdir()
    file.write_text("somebody's notes")

    answer = fresh_demo(tmp_path / "var", "--reset")

    assert is_plain_refusal(answer), answer.said
    assert file.read_text() == "somebody's notes"


def test_a_demos_own_database_behind_a_url_is_not_removed(bank):
    before = digest_of(bank.database)

    answer = fresh_demo(bank.var, "--reset", DATABASE_URL=f"sqlite:///{bank.database}")

    assert is_plain_refusal(answer), answer.said
    assert "never removes a database behind DATABASE_URL" in answer.err
    assert digest_of(bank.database) == before


def test_a_database_linked_from_outside_var_is_not_removed(bank, tmp_path):
    elsewhere = bank.database.rename(tmp_path / "elsewhere.sqlite3")
    bank.database.symlink_to(elsewhere)
    before = digest_of(elsewhere)

    answer = fresh_demo(bank.var, "--reset")

    assert is_plain_refusal(answer), answer.said
    assert "does not lie under" in answer.err
    assert digest_of(elsewhere) == before


def test_reset_removes_what_a_demo_made_and_nothing_beside_it(bank):
    (bank.var / "notes.txt").write_text("mine")
    keys = {path: digest_of(path) for path in (bank.var / "keys").iterdir()}
    before = bank.one("SELECT max(number) FROM biobank_ledgerentry")

    answer = fresh_demo(bank.var, "--reset", BIOBANK_PDF_CERT_FILE=str(bank.var / "nowhere"))

    # The sealing key without its certificate stops the demo after the reset: enough is seen by then.
    assert is_plain_refusal(answer), answer.said
    assert bank.one("SELECT count(*) FROM biobank_ledgerentry") < before
    assert not list((bank.var / "reports").iterdir() if (bank.var / "reports").exists() else [])
    assert (bank.var / "notes.txt").read_text() == "mine"
    assert {path: digest_of(path) for path in (bank.var / "keys").iterdir()} == keys


def test_too_few_units_are_a_wrong_command(tmp_path):
    answer = manage("demo", "--units", "5", BIOBANK_VAR=str(tmp_path / "var"))

    assert is_plain_refusal(answer), answer.said
    assert answer.status == 2
    assert "at least 60" in answer.err


def test_a_port_that_is_taken_is_refused_before_anything_is_built(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        answer = manage("demo", "--port", str(port), BIOBANK_VAR=str(tmp_path / "var"))

    assert is_plain_refusal(answer), answer.said
    assert f"Port {port} of 127.0.0.1 cannot be used" in answer.err
    assert not (tmp_path / "var" / "biobank.sqlite3").exists()


@pytest.mark.parametrize("port", ["0", "-1", "65536", "70000"])
def test_a_number_that_is_no_port_is_refused(tmp_path, port):
    answer = manage("demo", "--port", port, BIOBANK_VAR=str(tmp_path / "var"))

    assert is_plain_refusal(answer), answer.said
    assert not (tmp_path / "var" / "biobank.sqlite3").exists()


def test_settings_that_are_not_a_demos_refuse_its_people(tmp_path):
    answer = fresh_demo(tmp_path / "var", BIOBANK_DEMO="no")

    assert is_plain_refusal(answer), answer.said
    assert "These settings are not a demo's" in answer.err
    assert not (tmp_path / "var" / "biobank.sqlite3").exists()


def test_production_refuses_its_people(tmp_path):
    var = tmp_path / "var"

    answer = fresh_demo(var, **PRODUCTION, DATABASE_URL=f"sqlite:///{var}/biobank.sqlite3", BIOBANK_DEMO="yes")

    assert is_plain_refusal(answer), answer.said
    assert "These settings are not a demo's" in answer.err
    assert not (var / "biobank.sqlite3").exists()


# While it serves: the bank is there already, so that only the serving is started, as the command does it.
SERVE = "import django; django.setup(); from inventory.management.demo.server import serve; serve(int('{port}'))"


@contextmanager
def serving(bank: DemoBank, port: int):
    command = [sys.executable, "-c", SERVE.format(port=port)]
    own = environment(BIOBANK_VAR=str(bank.var), DJANGO_SETTINGS_MODULE="biobank.settings.local")
    log = bank.var / "served.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=own, stdout=said, stderr=said, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answered(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def left_of(session: int) -> list[str]:
    """The processes of a session that still run, from the kernel's own table."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, of = status.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            found.append(status.parent.name)
    return found


def queue_report(bank: DemoBank) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from biobank.models.person import Person\n"
        "from biobank.services.job import queue_job\n"
        f"queue_job('report.custody', {{'unit': '{bank.walked}'}}, by=Person.objects.get(username='quality'), "
        "at=timezone.now())\n"
    )
    own = environment(BIOBANK_VAR=str(bank.var), DJANGO_SETTINGS_MODULE="biobank.settings.local")
    subprocess.run([sys.executable, "-c", code], env=own, check=True, timeout=60)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks the kernel for the processes that are left")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_it_serves_pages_does_queued_reports_and_leaves_no_process_behind(bank, sign):
    port = free_port()

    with serving(bank, port) as process:
        wait_until(lambda: answered(port, "/sign-in/")[0] == 200, seconds=30, what="the sign-in page loads")
        assert "Sign in" in answered(port, "/sign-in/")[1]
        wait_until(lambda: answered(port, "/health")[0] == 200, seconds=30, what="/health answers 200")
        queue_report(bank)
        wait_until(
            lambda: bank.rows("SELECT state FROM biobank_job") == [("done",)], seconds=40, what="the report is made"
        )
        assert len(left_of(process.pid)) >= 3
        # A terminal tells the whole group of Ctrl-C; whoever ends a command tells only the command.
        os.killpg(process.pid, sign) if sign is signal.SIGINT else process.send_signal(sign)
        process.wait(25)

    wait_until(lambda: left_of(process.pid) == [], seconds=5, what="no child is left")
    assert "Traceback" not in (bank.var / "served.log").read_text()
    assert answered(port, "/health")[0] == 0
