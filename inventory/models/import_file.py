"""Imported files: each applied once."""

from django.conf import settings
from django.db import models


class ImportFile(models.Model):
    """A file that was applied, known by the hash of its bytes."""

    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    mapping_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "sha256"], name="one_import_per_file_and_kind")]

    def __str__(self) -> str:
        return self.name
