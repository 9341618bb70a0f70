"""Recipients: known to the bank only by the study's code."""

from django.db import models
from django.db.models import Q


class Recipient(models.Model):
    """One recipient of one study. What requests state of them (weight, group) is dated on the request."""

    protocol_code = models.CharField(max_length=32)
    code = models.CharField(max_length=32)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol_code", "code"], name="one_recipient_per_study_and_code"),
            models.CheckConstraint(condition=~Q(code=""), name="a_recipient_has_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.protocol_code}/{self.code}"
