"""Consignee notices: word to the sites that have or had material."""

from django.db import models

from biobank.choices import one_of


class ConsigneeNotice(models.Model):
    """One notice to one site, with the units it speaks of."""

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=20)
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="notices")
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("kind", ["consent_withdrawal", "look_back", "recall"], name="notice_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.reference


class NoticeItem(models.Model):
    """One unit that a notice speaks of; ``state`` is the unit's state when the notice was opened."""

    notice = models.ForeignKey(ConsigneeNotice, on_delete=models.PROTECT, related_name="items")
    unit = models.ForeignKey("inventory.Unit", on_delete=models.PROTECT, related_name="notices")
    state = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "unit"], name="one_item_per_notice_and_unit")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.unit_id}"
