"""Logs are JSON and hold nothing that a person typed or a database quoted."""

import json
import logging

import structlog

from biobank.settings.logs import logging_settings

NAME = "Wilhelmina Oakenshaw"


def line(record: logging.LogRecord) -> dict[str, object]:
    """Return what the log would hold."""
    formatter = logging_settings("INFO")["formatters"]["json"]
    arguments = {key: value for key, value in formatter.items() if key != "()"}
    return json.loads(structlog.stdlib.ProcessorFormatter(**arguments).format(record))


def record(message: str, *, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("biobank", logging.ERROR, __file__, 1, message, (), exc_info)  # type: ignore[arg-type]


def test_a_query_string_is_cut_off_wherever_it_stands():
    written = line(record("GET /units?donor=Oakenshaw&born=2026-03-01 was slow"))

    assert written["event"] == "GET /units?… was slow"


def test_an_exception_is_its_class_and_its_lines_but_not_its_words():
    try:
        raise ValueError(f"Key (name)=({NAME}) already exists.")
    except ValueError as error:
        written = line(record("failed", exc_info=(ValueError, error, error.__traceback__)))

    assert written["exception"] == "builtins.ValueError"
    assert "test_logs.py" in str(written["trace"])
    assert NAME not in json.dumps(written)


def test_the_visitors_address_and_browser_are_left_out():
    message = {"event": "request_started", "request": "GET /units", "ip": "203.0.113.7", "user_agent": "Firefox"}
    ours = record("")
    ours.msg = message  # type: ignore[assignment]
    ours._logger = None  # type: ignore[attr-defined]
    ours._name = "info"  # type: ignore[attr-defined]

    written = line(ours)

    assert written["request"] == "GET /units"
    assert {"ip", "user_agent"} & set(written) == set()
