"""Places: the bank itself, collection sites, study sites."""

from django.db import models
from django.db.models.functions import Lower

from biobank.choices import one_of
from biobank.domain.site import SiteKind


class Site(models.Model):
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    time_zone = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    address = models.TextField(blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(Lower("code"), name="site_codes_differ_in_more_than_case"),
            one_of("kind", SiteKind, name="site_is_of_a_known_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
