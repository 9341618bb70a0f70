"""Keys under which a command was carried out once, with the answer it gave."""

from django.db import models

from biobank.models.person import Person


class IdempotencyKey(models.Model):
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    answer = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="one_effect_per_actor_and_key"),
        ]

    def __str__(self) -> str:
        return self.key
