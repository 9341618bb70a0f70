"""Recipients: their totals over all their units, as the gates ask."""

from collections.abc import Iterable
from decimal import Decimal

from inventory.domain.protocol import Criterion, RecipientFacts
from inventory.domain.specification import Measurement, SampleSource
from inventory.models.recipient import Recipient
from inventory.models.request import RequestLine
from inventory.queries.protocol import CAME_TO_NOTHING
from inventory.queries.result import measurements_of


def recipient_facts(
    recipient: Recipient | None,
    weight_kg: Decimal | None,
    criteria: Iterable[Criterion],
    measurements: dict[int, tuple[Measurement, ...]],
) -> RecipientFacts | None:
    """Return the recipient with totals over all their units; a total is left out while any unit's value is missing."""
    if recipient is None:
        return None
    earlier = RequestLine.objects.filter(request__recipient=recipient, removed_at__isnull=True)
    earlier = earlier.exclude(request__status__in=CAME_TO_NOTHING).exclude(unit_id__in=measurements)
    everything = measurements | measurements_of(sorted(set(earlier.values_list("unit_id", flat=True))))
    counted = {criterion.attribute.removesuffix("_per_kg") for criterion in criteria}
    totals = {assay: total for assay in sorted(counted) if (total := _total(assay, everything)) is not None}
    return RecipientFacts(code=recipient.code, weight_kg=weight_kg, totals=totals)


def _total(assay: str, measurements: dict[int, tuple[Measurement, ...]]) -> Decimal | None:
    total = Decimal(0)
    for measured in measurements.values():
        value = next(
            (
                each.number
                for each in measured
                if each.assay == assay and each.taken_from is SampleSource.UNIT and each.verified
            ),
            None,
        )
        if value is None:
            return None
        total += value
    return total
