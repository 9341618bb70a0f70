"""Settings that hold everywhere; local, test and production add what differs."""

from pathlib import Path

import django_stubs_ext
import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF

from biobank.settings import environment, logs

BASE_DIR = Path(__file__).resolve().parents[2]

# Where this bank keeps what it makes. Nothing else in the house is written to.
BIOBANK_VAR = Path(environment.text("BIOBANK_VAR") or BASE_DIR / "var").resolve()
BIOBANK_REPORTS_DIR = BIOBANK_VAR / "reports"
BIOBANK_CHECKPOINT_DIR = Path(environment.text("BIOBANK_CHECKPOINT_DIR") or BIOBANK_VAR / "checkpoints").resolve()
BIOBANK_KEYS_DIR = Path(environment.text("BIOBANK_KEYS_DIR") or BIOBANK_VAR / "keys").resolve()
BIOBANK_LEDGER_KEY_FILE = Path(environment.text("BIOBANK_LEDGER_KEY_FILE") or BIOBANK_KEYS_DIR / "ledger.pem")
BIOBANK_PDF_KEY_FILE = Path(environment.text("BIOBANK_PDF_KEY_FILE") or BIOBANK_KEYS_DIR / "reports.key.pem")
BIOBANK_PDF_CERT_FILE = Path(environment.text("BIOBANK_PDF_CERT_FILE") or BIOBANK_KEYS_DIR / "reports.cert.pem")

# The demo's people and keys work only where this is true, and only local settings may make it so.
BIOBANK_DEMO = False
BIOBANK_IDLE_LOCK_MINUTES = environment.number("BIOBANK_IDLE_LOCK_MINUTES", 15)
BIOBANK_MAX_WRONG_ATTEMPTS = environment.number("BIOBANK_MAX_WRONG_ATTEMPTS", 5)
BIOBANK_LOCKOUT_MINUTES = environment.number("BIOBANK_LOCKOUT_MINUTES", 30)
# Within how many hours a consent to collection alone becomes a full one.
BIOBANK_FULL_CONSENT_HOURS = environment.number("BIOBANK_FULL_CONSENT_HOURS", 48)

DEBUG = False
ROOT_URLCONF = "biobank.urls"
WSGI_APPLICATION = "biobank.wsgi.application"
AUTH_USER_MODEL = "biobank.Person"
AUTHENTICATION_BACKENDS = ["biobank.auth.PersonBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "biobank",
    "consent",
    "inventory",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "heroicons",
    "django_structlog",
    # Last, so that the house's own form templates are found first.
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # A page is closed unless it says otherwise (login_not_required).
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "biobank.middleware.SiteTimeZoneMiddleware",
    "biobank.middleware.IdleLockMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, so that a refusal is a page before anything else sees an exception.
    "biobank.middleware.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["heroicons.templatetags.heroicons"],
        },
    },
]
# Fields are drawn by templates/django/forms/, so that error, hint and label are linked everywhere alike.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = None

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "printed_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# A working day: the idle lock closes a session long before.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "biobank.web.errors.stale_form"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}

# Jobs are rows; Celery only wakes them. A lost wake-up costs the time to the next sweep, nothing else.
REDIS_URL = environment.text("REDIS_URL")
CELERY_DIR = BIOBANK_VAR / "celery"
_REDIS_TRANSPORT = {
    # A worker that vanished holds its messages this long; the sweep takes up its jobs sooner.
    "visibility_timeout": 300,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
}
_FILE_TRANSPORT = {
    "data_folder_in": str(CELERY_DIR / "messages"),
    "data_folder_out": str(CELERY_DIR / "messages"),
    "control_folder": str(CELERY_DIR / "control"),
}
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = dict(_REDIS_TRANSPORT if REDIS_URL else _FILE_TRANSPORT)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(CELERY_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "biobank.sweep_jobs", "schedule": 20.0, "options": {"expires": 20}},
    "heartbeat": {"task": "biobank.heartbeat", "schedule": 20.0, "options": {"expires": 20}},
    "lapse": {"task": "inventory.lapse_reservations", "schedule": 60.0, "options": {"expires": 60}},
    "expiry": {"task": "consent.record_expiries", "schedule": crontab(minute="10"), "options": {"expires": 3600}},
    "checkpoint": {"task": "biobank.queue_checkpoint", "schedule": crontab(hour="1", minute="45")},
    "verify": {"task": "inventory.verify_record", "schedule": crontab(hour="2", minute="15")},
}

LOGGING = logs.logging_settings(environment.text("BIOBANK_LOG_LEVEL", "INFO").upper())
structlog.configure(**logs.STRUCTLOG)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"

# Generic Django classes such as FormView[MyForm] can be written with their parameter.
django_stubs_ext.monkeypatch()
