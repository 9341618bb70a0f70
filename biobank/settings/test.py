"""The suite's settings: DATABASE_URL, BIOBANK_VAR and REDIS_URL come from the tests' own servers."""

from biobank.settings import databases, environment
from biobank.settings.base import *  # noqa: F403  the house's settings are one module in three parts
from biobank.settings.base import BIOBANK_VAR, CELERY_BROKER_TRANSPORT_OPTIONS, LOGGING, REDIS_URL

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
SECRET_KEY = "test-only-" + "not-a-secret-" * 4
BIOBANK_IDENTITY_KEYS = environment.named_keys(
    "BIOBANK_IDENTITY_KEYS",
    "second:91c4e07a5bd83f26a0e5714dc9b2f8633d1a60e8f75c2b94860ad3e17f4b59c2,"
    "first:0d7e92b46af1c853e8b05d3f17a9c264f1862b9d70c5e34a9b08d6f3e5172ca4",
)
BIOBANK_IDENTITY_INDEX_KEY = "57a0c3e91f8b4d62b6d905e27c1fa83840e3b7d6c95a2f1e8d0b6a47f3c1928e"

# Without a pool: every thread of a test has a connection of its own and closes it.
DATABASES = {
    "default": databases.database(
        environment.text("DATABASE_URL"),
        default_file=BIOBANK_VAR / "biobank.sqlite3",
        pool=False,
    ),
}

# A real worker is started by the tests that want one, on a real Redis. Elsewhere wake-ups go nowhere
# and a test runs the due jobs itself.
CELERY_BROKER_URL = REDIS_URL or "memory://"
if not REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS.clear()

# The cheapest hash: the suite signs thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

LOGGING["root"]["level"] = "WARNING"
