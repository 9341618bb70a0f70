"""The suite's settings: DATABASE_URL, BIOBANK_VAR and REDIS_URL come from the tests' own servers."""

from biobank.settings import databases, environment, published
from biobank.settings.base import *  # noqa: F403  the house's settings are one module in three parts
from biobank.settings.base import BIOBANK_VAR, CELERY_BROKER_TRANSPORT_OPTIONS, LOGGING, REDIS_URL

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
SECRET_KEY = published.TEST_SECRET_KEY
BIOBANK_IDENTITY_KEYS = {"second": published.TEST_IDENTITY_KEY, "first": published.TEST_FORMER_IDENTITY_KEY}
BIOBANK_IDENTITY_INDEX_KEY = published.TEST_INDEX_KEY

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
