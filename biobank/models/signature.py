"""Electronic signatures, the sessions they are made in, and the wrong attempts counted against a username."""

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from biobank.choices import one_of
from biobank.domain.signature import Meaning, SessionEnd
from biobank.models.person import Person


class SigningSession(models.Model):
    """One unbroken stretch of signing by one person in one web session; opened by the first signature in it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signing_sessions")
    web_session_sha256 = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    last_signed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "web_session_sha256"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_signing_session_per_person_and_web_session",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, end_reason="")
                | models.Q(ended_at__isnull=False, end_reason__in=[end.value for end in SessionEnd]),
                name="ended_signing_session_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.opened_at:%Y-%m-%d %H:%M}"


class Signature(models.Model):
    """Who signed what, when and meaning what; the content is kept as the very text that was hashed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signatures")
    printed_name = models.CharField(max_length=200)
    meaning = models.CharField(max_length=16)
    signed_at = models.DateTimeField()
    content = models.TextField()
    content_sha256 = models.CharField(max_length=64)
    item_count = models.PositiveIntegerField()
    session = models.ForeignKey(SigningSession, on_delete=models.PROTECT, null=True, related_name="signatures")

    class Meta:
        ordering = ["signed_at", "id"]
        indexes = [models.Index(fields=["content_sha256"], name="signature_by_content")]
        constraints = [
            one_of("meaning", Meaning, name="signature_has_a_known_meaning"),
            models.CheckConstraint(condition=models.Q(item_count__gte=1), name="signature_covers_something"),
            models.CheckConstraint(
                condition=Exact(Length("content_sha256"), 64), name="signature_hash_is_a_whole_sha256"
            ),
            models.CheckConstraint(condition=~models.Q(printed_name=""), name="signature_shows_a_printed_name"),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name}, {self.meaning}, {self.signed_at:%Y-%m-%d %H:%M}"


class Attempts(models.Model):
    """Wrong attempts under one username, at sign-in and at signing together."""

    username = models.CharField(max_length=80, unique=True)
    wrong_count = models.PositiveIntegerField(default=0)
    last_wrong_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["username"]
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return f"{self.wrong_count} wrong"
