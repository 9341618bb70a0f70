"""Structured logs: one JSON object a line, without anything that could name a person."""

import re
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# What people type ends up behind a question mark: a search for a name, a scanned record number.
_QUERY_STRING = re.compile(r"\?\S+")
_DROPPED = frozenset({"ip", "user_agent", "positional_args", "_record", "_from_structlog"})


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop what identifies a visitor and cut query strings off addresses and messages."""
    kept = {key: value for key, value in event.items() if key not in _DROPPED}
    return {key: _QUERY_STRING.sub("?…", value) if isinstance(value, str) else value for key, value in kept.items()}


def trace_without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its class and the lines it passed.

    Its message is left out: a database quotes the refused row in it, and the row may hold a name.
    """
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["exception"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


STRUCTLOG: dict[str, Any] = {
    "processors": [
        structlog.stdlib.filter_by_level,
        *SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    "logger_factory": structlog.stdlib.LoggerFactory(),
    "cache_logger_on_first_use": True,
}


def logging_settings(level: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, as JSON."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED_PROCESSORS,
        "processors": [trace_without_values, scrub, structlog.processors.JSONRenderer(ensure_ascii=False)],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            # Its lines repeat django-structlog's and carry the full address.
            "django.server": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        },
    }
