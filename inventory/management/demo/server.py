"""Serving the demo: the web server and one background worker as children, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import sleep

from django.conf import settings

from inventory.management.demo.mark import DemoRefused

HOST = "127.0.0.1"
GRACE_SECONDS = 10
POLL_SECONDS = 0.2
PORTS = range(1, 65536)


def check_port(port: int) -> None:
    """Refuse a port that something else listens on, before anything is built."""
    if port not in PORTS:
        raise DemoRefused(f"{port} is not a port.", mend=f"Choose one from {PORTS[0]} to {PORTS[-1]} with --port.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            mend = "Stop what listens there, or choose another with --port."
            raise DemoRefused(f"Port {port} of {HOST} cannot be used ({error.strerror}).", mend=mend) from None


def serve(port: int) -> None:
    """Run server and worker until Ctrl-C or a request to end; leave none behind.

    Raises ``DemoRefused`` when one of them ends by itself.
    """
    # Both, for a script that starts this in its background has Ctrl-C ignored by whatever it starts.
    for asked_to_end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked_to_end, _interrupt)
    # Each in a group of its own: Ctrl-C reaches this process alone, which ends them in order with all they started.
    children = [subprocess.Popen(command, process_group=0) for command in _commands(port)]  # noqa: S603 - our own
    try:
        while all(child.poll() is None for child in children):
            sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return
    finally:
        # A second Ctrl-C must not leave one of them behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end(children)
    raise DemoRefused("The server or the worker ended by itself.", mend="Read the lines above, and start it again.")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _commands(port: int) -> Sequence[Sequence[str]]:
    beat = Path(settings.BIOBANK_VAR) / "celery" / "beat"
    web = ("gunicorn", "biobank.wsgi", "--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--threads", "4")
    worker = ("celery", "-A", "biobank", "worker", "-B", "--pool", "solo", "-l", "WARNING", "-s", str(beat))
    return [(sys.executable, "-m", *web, "--log-level", "warning"), (sys.executable, "-m", *worker)]


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        # What the child started itself, the worker's beat, may outlive it.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
