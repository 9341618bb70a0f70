"""Equipment, its calibrations and maintenance, when it was out of service, and what it was used for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from biobank.choices import one_of
from inventory.domain.equipment import CheckKind, EquipmentKind


class Equipment(models.Model):
    """One device with a code of the bank's own; ``location`` says where at its site it stands."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=32)
    manufacturer = models.CharField(max_length=120)
    serial_number = models.CharField(max_length=64)
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="+")
    location = models.CharField(max_length=120, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "equipment"
        constraints = [
            one_of("kind", EquipmentKind, name="equipment_kind_is_known"),
            models.UniqueConstraint(fields=["manufacturer", "serial_number"], name="one_device_per_serial_number"),
        ]

    def __str__(self) -> str:
        return self.code


class EquipmentCheck(models.Model):
    """One calibration or maintenance and how long it holds; its last instant is past."""

    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=16)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    certificate = models.CharField(max_length=120)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("kind", CheckKind, name="equipment_check_kind_is_known"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="a_check_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.equipment_id} {self.kind} until {self.valid_until}"


class EquipmentOutage(models.Model):
    """A device out of service from one time to another; open while ``until`` is empty."""

    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="outages")
    began_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["equipment"], condition=Q(until__isnull=True), name="one_open_outage_per_device"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True, closed_by__isnull=True)
                | Q(until__gt=F("began_at"), closed_by__isnull=False),
                name="an_outage_ends_after_it_begins_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.equipment_id} since {self.began_at}"


class EquipmentUse(models.Model):
    """One device named by one processing, or travelling with one shipment, since when."""

    equipment = models.ForeignKey(Equipment, on_delete=models.PROTECT, related_name="uses")
    processing = models.ForeignKey(
        "inventory.Processing", on_delete=models.PROTECT, null=True, related_name="equipment_uses"
    )
    shipment = models.ForeignKey(
        "inventory.Shipment", on_delete=models.PROTECT, null=True, related_name="equipment_uses"
    )
    used_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["equipment", "processing"], name="one_use_per_device_and_processing"),
            models.UniqueConstraint(fields=["equipment", "shipment"], name="one_use_per_device_and_shipment"),
            models.CheckConstraint(
                condition=Q(processing__isnull=True) ^ Q(shipment__isnull=True), name="a_device_is_used_for_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.equipment_id} from {self.used_from}"
