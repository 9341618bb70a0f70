"""Production: everything from the environment, and no start with a key that is missing, known or short."""

from django.core.exceptions import ImproperlyConfigured

from biobank.settings import databases, environment, published
from biobank.settings.base import *  # noqa: F403  the house's settings are one module in three parts
from biobank.settings.base import BIOBANK_VAR

_KNOWN_KEYS = ("local-only-", "test-only-", "django-insecure-", "change-me")

SECRET_KEY = environment.required("SECRET_KEY", "it signs sessions; give at least 50 random characters.")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or SECRET_KEY.startswith(_KNOWN_KEYS):
    raise ImproperlyConfigured("SECRET_KEY is short or a published default: give at least 50 random characters.")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")

ALLOWED_HOSTS = environment.required("ALLOWED_HOSTS", "name the hosts that this bank answers to.").split(",")
if any(not host.strip() or host.strip() == "*" for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name each host; a lone * would let anyone pose as this bank.")
ALLOWED_HOSTS = [host.strip() for host in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

BIOBANK_IDENTITY_KEYS = environment.named_keys(
    "BIOBANK_IDENTITY_KEYS",
    environment.required("BIOBANK_IDENTITY_KEYS", "the master keys of donor identity, id:hex, the current one first."),
)
BIOBANK_IDENTITY_INDEX_KEY = environment.hex_key(
    "BIOBANK_IDENTITY_INDEX_KEY",
    environment.required("BIOBANK_IDENTITY_INDEX_KEY", "the key of the blind index over donor identity."),
)
for _name, _keys in (
    ("BIOBANK_IDENTITY_KEYS", set(BIOBANK_IDENTITY_KEYS.values())),
    ("BIOBANK_IDENTITY_INDEX_KEY", {BIOBANK_IDENTITY_INDEX_KEY}),
):
    if _keys & published.PUBLISHED_KEYS:
        raise ImproperlyConfigured(f"{_name} holds a published key: make one of your own.")

DATABASES = {
    "default": databases.database(
        environment.required("DATABASE_URL", "name the PostgreSQL database, or sqlite:// and a file."),
        default_file=environment.folder("BIOBANK_VAR", BIOBANK_VAR) / "biobank.sqlite3",
        pool=True,
    ),
}

STATIC_ROOT = BIOBANK_VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = True
# A health probe comes from inside and speaks plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health/?$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
if environment.flag("BIOBANK_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
