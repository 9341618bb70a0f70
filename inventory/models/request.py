"""Requests of coordinators, their lines, and the worklist that an approval opens."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of


class UnitRequest(models.Model):
    """A coordinator's request under one protocol version, all or nothing.

    ``weight_kg`` and ``recipient_typing`` (text by assay) are the recipient's, as stated on the day of the request.
    """

    reference = models.CharField(max_length=16, unique=True)
    protocol = models.ForeignKey("inventory.Protocol", on_delete=models.PROTECT, related_name="requests")
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=12, default="normal")
    status = models.CharField(max_length=12, default="submitted")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    needed_by = models.DateField()
    delivery_address = models.CharField(max_length=300)
    delivery_contact = models.CharField(max_length=120)
    recipient = models.ForeignKey("inventory.Recipient", on_delete=models.PROTECT, null=True, related_name="requests")
    weight_kg = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    recipient_typing = models.JSONField(default=dict)
    ordering_physician = models.CharField(max_length=120, blank=True)
    order_sha256 = models.CharField(max_length=64, blank=True)
    approval = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            one_of("kind", ["normal", "exceptional", "urgent"], name="request_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="normal") | Q(recipient__isnull=False), name="an_exception_is_for_a_named_recipient"
            ),
            one_of(
                "status",
                ["submitted", "approved", "released", "completed", "rejected", "cancelled", "lapsed", "void"],
                name="request_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "released", "completed"]) | Q(approval__isnull=False),
                name="an_approved_request_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=True) | (~Q(ordering_physician="") & ~Q(order_sha256="")),
                name="a_request_for_a_recipient_has_physician_and_order",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class RequestLine(models.Model):
    """One unit of a request; ``removed_at`` says that it was taken out."""

    request = models.ForeignKey(UnitRequest, on_delete=models.PROTECT, related_name="lines")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="request_lines")
    removed_at = models.DateTimeField(null=True)
    removed_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "unit"], name="one_line_per_request_and_unit")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.unit_id}"


class WorklistItem(models.Model):
    """What must become known before release: one unknown of a gate, with owner and due date."""

    request = models.ForeignKey(UnitRequest, on_delete=models.PROTECT, related_name="worklist")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="worklist")
    gate = models.PositiveSmallIntegerField()
    task = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_date = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "unit", "gate", "task"], name="one_line_per_unknown")]

    def __str__(self) -> str:
        return self.task
