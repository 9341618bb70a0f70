#!/usr/bin/env python
"""Django's command line for this biobank."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

from biobank.domain.refusal import RuleViolation


def main() -> None:
    """Run the command; what stands in its way is said in a line or two, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biobank.settings.local")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    except DatabaseError as error:
        sys.exit(f"manage.py: The database does not answer as it should: {' '.join(str(error).split())}")
    except RuleViolation as refusal:
        sys.exit(f"manage.py: {refusal} {refusal.mend}".rstrip())


if __name__ == "__main__":
    main()
