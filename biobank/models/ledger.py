"""The ledger: sealed entries, the codes they name, and the head of the chain."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.domain.ledger import LONGEST_SUBJECT


class LedgerEntry(models.Model):
    """One sealed line of what happened. Never updated, never deleted."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    subjects = models.TextField()
    body = models.TextField()
    subjects_sha256 = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="ledger_numbers_start_at_one"),
        ]
        indexes = [models.Index(fields=["kind", "number"], name="ledger_by_kind")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class LedgerSubject(models.Model):
    """One code that an entry names: how a subject's chain is found."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="links")
    code = models.CharField(max_length=LONGEST_SUBJECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "entry"], name="one_link_per_subject_and_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.code}"


class LedgerHead(models.Model):
    """The last number and seal: the one row that every append locks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_ledger_head")]

    def __str__(self) -> str:
        return f"head {self.number}"
