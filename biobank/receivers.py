"""What biobank hears: migrations that begin and end, and the checks it adds."""

from typing import Any

from celery.signals import worker_init
from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver

from biobank.checks import check_guards
from biobank.domain.refusal import RuleViolation
from biobank.services.guard import drop_guards, install_guards, refuse_unsafe_start

register(check_guards, Tags.database)


@worker_init.connect
def _prove_before_working(**_sent: Any) -> None:
    # Celery logs what a receiver raises and goes on; leaving the process is the one refusal that it hears.
    try:
        refuse_unsafe_start()
    except RuleViolation as refusal:
        raise SystemExit(f"{refusal} {refusal.mend}") from None


@receiver(pre_migrate, dispatch_uid="guards stand aside for a migration")
def _drop_guards(sender: AppConfig, using: str, **kwargs: Any) -> None:
    # On SQLite altering a table loses its triggers, and one that reads another table makes that table's change fail.
    if sender.name == "biobank":
        drop_guards(connections[using])


@receiver(post_migrate, dispatch_uid="guards return after a migration")
def _install_guards(sender: AppConfig, using: str, **kwargs: Any) -> None:
    # The signal comes once for each app, after the last table is there: once is enough.
    if sender.name == "biobank":
        install_guards(connections[using])
