"""Answers to REVIEW. A protocol is known here by its code and version alone: what it is belongs to the inventory."""

from django.db import models

from consent.models.form import ConsentForm


class UseReview(models.Model):
    """The one signed answer for a protocol version and a form version; never changed, a new version asks again."""

    code = models.CharField(max_length=32, unique=True)
    protocol = models.CharField(max_length=64)
    protocol_version = models.CharField(max_length=16)
    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, related_name="reviews")
    answer = models.CharField(max_length=8)
    reason = models.CharField(max_length=500)
    signature = models.ForeignKey("biobank.Signature", on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["protocol", "protocol_version", "form"], name="one_review_per_protocol_and_form_version"
            ),
            models.CheckConstraint(condition=models.Q(answer__in=["allow", "deny"]), name="use_review_answer_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="use_review_has_a_reason"),
        )

    def __str__(self) -> str:
        return self.code
