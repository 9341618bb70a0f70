"""Liver-study protocols: versions, criteria and the sites on them."""

from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of


class Protocol(models.Model):
    """One version of a study's protocol; in force only from a quality signature.

    ``indication`` is a Mondo term, ``duo`` the DUO terms of its purpose, ``product_classes`` what it takes.
    """

    code = models.CharField(max_length=32)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    sponsor = models.CharField(max_length=120)
    principal_investigator = models.CharField(max_length=120)
    indication = models.CharField(max_length=16)
    duo = models.JSONField(default=list)
    human_application = models.BooleanField()
    commercial = models.BooleanField(default=False)
    for_profit = models.BooleanField(default=False)
    genetic = models.BooleanField(default=False)
    country = models.CharField(max_length=2)
    institution = models.CharField(max_length=64)
    product_classes = models.JSONField(default=list)
    ethics_number = models.CharField(max_length=64)
    ethics_from = models.DateField()
    ethics_until = models.DateField()
    authorisation = models.CharField(max_length=64, blank=True)
    authorisation_from = models.DateField(null=True)
    authorisation_until = models.DateField(null=True)
    recipients_cap = models.PositiveIntegerField(null=True)
    units_per_recipient_cap = models.PositiveIntegerField(null=True)
    open_reservations_cap = models.PositiveIntegerField(default=20)
    reservation_hours = models.PositiveIntegerField(default=336)
    status = models.CharField(max_length=12, default="draft")
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_protocol_per_code_and_version"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(status="in_force"), name="one_protocol_version_in_force"
            ),
            one_of("status", ["draft", "in_force", "superseded", "closed"], name="protocol_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(signature__isnull=False, in_force_at__isnull=False),
                name="a_protocol_in_force_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(ethics_until__gte=F("ethics_from")), name="ethics_approval_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class ProtocolCriterion(models.Model):
    """One criterion, said of every unit, of the recipient's total, or between units."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="criteria")
    scope = models.CharField(max_length=12)
    attribute = models.CharField(max_length=40)
    operator = models.CharField(max_length=12)
    limit = models.DecimalField(max_digits=15, decimal_places=3, null=True)
    words = models.JSONField(default=list)

    class Meta:
        constraints = [one_of("scope", ["unit", "recipient", "between"], name="criterion_scope_is_known")]

    def __str__(self) -> str:
        return f"{self.scope} {self.attribute} {self.operator}"


class ProtocolSite(models.Model):
    """A study site on a protocol, with its agreement."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="sites")
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="protocols")
    agreement = models.CharField(max_length=64)
    agreed_from = models.DateField()
    agreed_until = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["protocol", "site"], name="one_row_per_protocol_and_site")]

    def __str__(self) -> str:
        return f"{self.protocol_id} at {self.site_id}"
