"""Signed answers to REVIEW, by protocol version and form version."""

from collections.abc import Collection

from consent.domain.use_review import ReviewAnswer
from consent.domain.use_review import UseReview as Answered
from consent.models.use_review import UseReview


def reviews_of(protocol: str, version: str, form_ids: Collection[int]) -> dict[int, Answered]:
    """Return, by form version id, the answer for this protocol version; an unnamed protocol has none."""
    if not protocol or not version:
        return {}
    rows = UseReview.objects.filter(protocol=protocol, protocol_version=version, form_id__in=form_ids)
    return {row.form_id: Answered(row.code, ReviewAnswer(row.answer), row.reason) for row in rows}
