"""Recipients: their totals over all their units, as the gates ask."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from inventory.domain.assay import Qualifier
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
    measurements: Mapping[int, tuple[Measurement, ...]],
) -> RecipientFacts | None:
    """Return the recipient with totals over all their units; a total is left out while any unit's value is missing."""
    if recipient is None:
        return None
    earlier = RequestLine.objects.filter(request__recipient=recipient, removed_at__isnull=True)
    earlier = earlier.exclude(request__status__in=CAME_TO_NOTHING).exclude(unit_id__in=measurements)
    others = sorted(set(earlier.values_list("unit_id", flat=True)))
    everything = {**measurements, **measurements_of(others)}
    counted = {criterion.attribute.removesuffix("_per_kg") for criterion in criteria}
    totals = {assay: total for assay in sorted(counted) if (total := _total(assay, everything)) is not None}
    return RecipientFacts(code=recipient.code, weight_kg=weight_kg, totals=totals)


def _total(assay: str, measurements: Mapping[int, tuple[Measurement, ...]]) -> Decimal | None:
    values = [_value(assay, measured) for measured in measurements.values()]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def _value(assay: str, measured: Iterable[Measurement]) -> Decimal | None:
    """Return the one verified value measured on the unit; a value below the method's limit is not one, nor are two."""
    numbers = {
        each.number
        for each in measured
        if each.assay == assay
        and each.taken_from is SampleSource.UNIT
        and each.verified
        and each.qualifier is Qualifier.MEASURED
        and each.number is not None
    }
    return numbers.pop() if len(numbers) == 1 else None
