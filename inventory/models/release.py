"""Releases: one decision for the units of one request, with two signatures."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class Release(models.Model):
    """One decision: the snapshot of every unit's gates, issued by the second signature.

    ``snapshot`` is canonical JSON of facts and verdicts, ``snapshot_sha256`` its hash; both signatures carry that hash.
    """

    reference = models.CharField(max_length=16, unique=True)
    request = models.ForeignKey("inventory.UnitRequest", on_delete=models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=12, default="normal")
    status = models.CharField(max_length=12, default="evaluated")
    snapshot = models.TextField()
    snapshot_sha256 = models.CharField(max_length=64)
    evaluated_at = models.DateTimeField()
    evaluated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("kind", ["normal", "exceptional", "urgent"], name="release_kind_is_known"),
            one_of("status", ["evaluated", "issued", "void"], name="release_status_is_known"),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(status__in=["evaluated", "issued"]),
                name="one_standing_release_per_request",
            ),
            models.CheckConstraint(
                condition=~Q(status="issued") | Q(issued_at__isnull=False), name="an_issued_release_has_its_time"
            ),
            models.CheckConstraint(condition=~Q(status="void") | ~Q(ended_because=""), name="a_void_release_says_why"),
        ]

    def __str__(self) -> str:
        return self.reference


class ReleaseUnit(models.Model):
    """One unit of a release."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="units")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="releases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "unit"], name="one_row_per_release_and_unit")]

    def __str__(self) -> str:
        return f"{self.release_id} {self.unit_id}"


class ReleaseSignature(models.Model):
    """One of the two signatures of a release; ``content_sha256`` is the hash of the snapshot that was signed."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="signatures")
    signature = models.OneToOneField("biobank.Signature", on_delete=models.PROTECT, related_name="release")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    meaning = models.CharField(max_length=12)
    content_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "signer"], name="one_signature_per_release_and_signer"),
            models.UniqueConstraint(fields=["release", "meaning"], name="one_signature_per_release_and_meaning"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.meaning}"
