"""One machine, no service to start: SQLite and a broker of files, both under var/. For the demo and for development."""

from biobank.settings import databases, environment, published
from biobank.settings.base import *  # noqa: F403  the house's settings are one module in three parts
from biobank.settings.base import BIOBANK_VAR

DEBUG = environment.flag("BIOBANK_DEBUG")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

# Known to everyone who can read this file, and refused by production settings.
SECRET_KEY = published.LOCAL_SECRET_KEY
BIOBANK_DEMO = environment.flag("BIOBANK_DEMO", default=True)
if BIOBANK_DEMO:
    PASSWORD_HASHERS = ["biobank.hasher.PublishedPasswordHasher"]
BIOBANK_IDENTITY_KEYS = environment.named_keys(
    "BIOBANK_IDENTITY_KEYS",
    environment.text("BIOBANK_IDENTITY_KEYS") or f"local:{published.LOCAL_IDENTITY_KEY}",
)
BIOBANK_IDENTITY_INDEX_KEY = environment.hex_key(
    "BIOBANK_IDENTITY_INDEX_KEY",
    environment.text("BIOBANK_IDENTITY_INDEX_KEY") or published.LOCAL_INDEX_KEY,
)

DATABASES = {
    "default": databases.database(
        environment.text("DATABASE_URL"),
        default_file=environment.folder("BIOBANK_VAR", BIOBANK_VAR) / "biobank.sqlite3",
        pool=True,
    ),
}

# Static files straight from where they lie; nothing to collect first.
WHITENOISE_USE_FINDERS = True
