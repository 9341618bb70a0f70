"""The Celery app: workers are woken through it, the work itself lies in the jobs table."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biobank.settings.local")

try:
    settings.INSTALLED_APPS  # noqa: B018 - read now: Celery would read them later, and end in a traceback
except ImproperlyConfigured as error:
    raise SystemExit(f"biobank: {error}") from None

app = Celery("biobank")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def lay_out_folders(sender: Celery, **_: Any) -> None:
    """Make the folders of the broker of files; it does not make them itself."""
    options = sender.conf.broker_transport_options or {}
    for name in ("data_folder_in", "data_folder_out", "control_folder"):
        if folder := options.get(name):
            Path(folder).mkdir(parents=True, exist_ok=True)
    if schedule := sender.conf.beat_schedule_filename:
        Path(schedule).parent.mkdir(parents=True, exist_ok=True)
