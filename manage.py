#!/usr/bin/env python
"""Django's command line for this biobank."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command; a bank that is set up wrongly says so in one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biobank.settings.local")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{sys.argv[0]}: {error}")


if __name__ == "__main__":
    main()
