"""Consignee notices: word to the sites that have or had material, and what they answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from biobank.choices import one_of
from inventory.domain.notice import LONGEST_NAME, LONGEST_NOTE, ItemDisposition, NoticeKind


class ConsigneeNotice(models.Model):
    """One notice to one site, with the units it speaks of; closed by quality's signature over what was answered.

    One about an excursion names it, and is closed after its assessment.
    """

    reference = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=20)
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="notices")
    reason = models.CharField(max_length=500)
    excursion = models.ForeignKey("inventory.Excursion", on_delete=models.PROTECT, null=True, related_name="notices")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    acknowledged_by = models.CharField(max_length=LONGEST_NAME, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    closing = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("kind", NoticeKind, name="notice_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="excursion", excursion__isnull=False)
                | (~Q(kind="excursion") & Q(excursion__isnull=True)),
                name="a_notice_of_an_excursion_names_it",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="")),
                name="an_acknowledged_notice_names_who_read_it",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closing__isnull=True)
                | Q(closed_at__isnull=False, closing__isnull=False, acknowledged_at__isnull=False),
                name="a_closed_notice_is_acknowledged_and_signed",
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], condition=Q(closed_at__isnull=True), name="open_notices")]

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


class NoticeAnswer(models.Model):
    """What the site said became of one unit."""

    item = models.OneToOneField(NoticeItem, on_delete=models.PROTECT, related_name="answer")
    disposition = models.CharField(max_length=16)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    occurred_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("disposition", ItemDisposition, name="notice_answer_is_known")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.disposition}"
