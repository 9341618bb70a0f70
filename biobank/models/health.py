"""When the bank's records were last verified, and with what outcome."""

from django.db import models


class Verification(models.Model):
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    ok = models.BooleanField()
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["kind", "-at"], name="verification_newest_first")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M} {'ok' if self.ok else 'failed'}"
