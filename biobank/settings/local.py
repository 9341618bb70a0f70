"""One machine, no service to start: SQLite and a broker of files, both under var/. For the demo and for development."""

from biobank.settings import databases, environment
from biobank.settings.base import *  # noqa: F403  the house's settings are one module in three parts
from biobank.settings.base import BIOBANK_VAR

DEBUG = environment.flag("BIOBANK_DEBUG")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

# Known to everyone who can read this file, and refused by production settings.
SECRET_KEY = "local-only-" + "not-a-secret-" * 4
BIOBANK_DEMO = environment.flag("BIOBANK_DEMO", default=True)
BIOBANK_IDENTITY_KEYS = environment.named_keys(
    "BIOBANK_IDENTITY_KEYS",
    environment.text("BIOBANK_IDENTITY_KEYS")
    or "local:6b1d0f3a7c5e92488f04b6d1ea3975c2105d8e9b47f6a3c2d80b1e5f94a76c3d",
)
BIOBANK_IDENTITY_INDEX_KEY = environment.hex_key(
    "BIOBANK_IDENTITY_INDEX_KEY",
    environment.text("BIOBANK_IDENTITY_INDEX_KEY")
    or "e2947fb05c1a8d36f70b249ec5d1836a4b0f9e7d2c58a613f4e097bd851c26a0",
)

DATABASES = {
    "default": databases.database(
        environment.text("DATABASE_URL"),
        default_file=BIOBANK_VAR / "biobank.sqlite3",
        pool=True,
    ),
}

# Static files straight from where they lie; nothing to collect first.
WHITENOISE_USE_FINDERS = True
