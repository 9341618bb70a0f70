"""Reference samples: kept to test, not to release."""

from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.sample import SampleRole, SampleState


class ReferenceSample(models.Model):
    """A segment, vial or tube of a donation; in a place of its own, or attached to its bag until severed."""

    code = models.CharField(max_length=64, unique=True)
    donation = models.ForeignKey("inventory.Donation", on_delete=models.PROTECT, related_name="samples")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, null=True, related_name="samples")
    role = models.CharField(max_length=20)
    state = models.CharField(max_length=16, default="stored")
    attached = models.BooleanField(default=False)
    holder = models.CharField(max_length=32)
    volume_ml = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    origin = models.CharField(max_length=16, default="own")
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("role", SampleRole, name="sample_role_is_known"),
            one_of("state", SampleState, name="sample_state_is_known"),
            models.CheckConstraint(
                condition=Q(attached=False) | Q(unit__isnull=False), name="an_attached_sample_has_its_bag"
            ),
        ]

    def __str__(self) -> str:
        return self.code
