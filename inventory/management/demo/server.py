"""Serving the demo: the web server and one background worker as children, until Ctrl-C."""

import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from inventory.management.demo.mark import DemoRefused

HOST = "127.0.0.1"
GRACE_SECONDS = 10


def check_port(port: int) -> None:
    """Refuse a port that something else listens on, before anything is built."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            mend = "Stop what listens there, or choose another with --port."
            raise DemoRefused(f"Port {port} of {HOST} cannot be used ({error.strerror}).", mend=mend) from None


def serve(port: int) -> None:
    """Run server and worker until Ctrl-C or until one of them ends; leave none behind."""
    children = [subprocess.Popen(command) for command in _commands(port)]  # noqa: S603 - our own commands
    try:
        children[0].wait()
    except KeyboardInterrupt:
        return
    finally:
        _end(children)


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
