"""What people were trained in, and until when it counts."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from biobank.models.person import Person


class TrainingQuerySet(models.QuerySet["Training"]):
    def valid_at(self, at: datetime) -> TrainingQuerySet:
        """Trainings that count at that instant; the instant of the end is past."""
        return self.filter(valid_from__lte=at, valid_until__gt=at)


class Training(models.Model):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    topic = models.CharField(max_length=100)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = TrainingQuerySet.as_manager()

    class Meta:
        ordering = ["person", "topic", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("valid_from")), name="training_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.topic}"
