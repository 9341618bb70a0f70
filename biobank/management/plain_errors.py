"""How a command or a server ends that cannot do its work: one line with the next step, and no traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DatabaseError

from biobank.domain.refusal import RuleViolation

# With this status a worker of gunicorn says that it cannot start; after any other, gunicorn starts the next one.
CANNOT_START = 3


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn a refusal, an unwritable file or a silent database into a ``CommandError`` of status 1."""
    try:
        yield
    except RuleViolation as refusal:
        raise CommandError(f"{refusal} {refusal.mend}".strip(), returncode=1) from None
    except DatabaseError as error:
        why = str(error).partition("\n")[0]
        raise CommandError(f"The database refuses ({why}). Start or migrate it and try again.", returncode=1) from None
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        raise CommandError(f"{what}. Choose another file, or make room or leave to write.", returncode=1) from None


@contextmanager
def plain_start() -> Iterator[None]:
    """Leave the process with one line on standard error when settings or database do not allow to serve."""
    try:
        yield
    except (ImproperlyConfigured, RuleViolation, DatabaseError) as error:
        mend = error.mend if isinstance(error, RuleViolation) else "Mend it and start again."
        sys.stderr.write(f"biobank: {' '.join(str(error).split())} {mend}\n")
        raise SystemExit(CANNOT_START) from None
