"""Recipients: what the gates ask of them, and all units that they had or are to have."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef

from inventory.domain.criterion import Criterion, asks_for_dmso, assays_totalled
from inventory.domain.criterion_rules import known_amounts
from inventory.domain.recipient import RecipientFacts, UnitOfRecipient
from inventory.domain.specification import Measurement, SampleSource
from inventory.domain.unit import UnitState
from inventory.models.disposition import Disposition
from inventory.models.recipient import Recipient
from inventory.models.request import RequestLine
from inventory.models.unit import Unit
from inventory.queries.protocol import CAME_TO_NOTHING

# A unit in another state went to nobody.
GIVEN_OR_TO_BE = (UnitState.RESERVED, UnitState.RELEASED, UnitState.SHIPPED, UnitState.RECEIVED, UnitState.USED)


def recipient_facts(
    recipient: Recipient | None,
    *,
    weight_kg: Decimal | None,
    typing: Mapping[str, str],
    criteria: Sequence[Criterion],
    units: Sequence[Unit],
    measurements: Mapping[int, tuple[Measurement, ...]],
) -> RecipientFacts | None:
    """Return the recipient with what the criteria ask of all units that are theirs, each measured."""
    if recipient is None:
        return None
    assays = assays_totalled(criteria)
    infused = infusions_of([unit.pk for unit in units]) if asks_for_dmso(criteria) else {}
    return RecipientFacts(
        code=recipient.code,
        weight_kg=weight_kg,
        typing=typing,
        units=tuple(
            UnitOfRecipient(unit.code, _amounts(unit, assays, measurements.get(unit.pk, ())), infused.get(unit.pk))
            for unit in sorted(units, key=lambda unit: unit.code)
        ),
    )


def units_of_recipient(recipient: Recipient, *, besides: Collection[int]) -> list[Unit]:
    """Return the units that went to a recipient, or are kept for them, by their other requests.

    What came back, was lost or was later requested for somebody else is not theirs.
    """
    later = RequestLine.objects.filter(unit=OuterRef("unit"), pk__gt=OuterRef("pk"))
    lines = RequestLine.objects.filter(
        ~Exists(later), request__recipient=recipient, removed_at__isnull=True, unit__state__in=GIVEN_OR_TO_BE
    )
    lines = lines.exclude(request__status__in=CAME_TO_NOTHING).exclude(unit_id__in=besides)
    return list(Unit.objects.filter(pk__in=lines.values("unit_id")))


def infusions_of(unit_ids: Collection[int]) -> dict[int, datetime]:
    """Return, by unit id, when those that were used were."""
    rows = Disposition.objects.filter(unit_id__in=unit_ids, kind="used").order_by("pk")
    return dict(rows.values_list("unit_id", "occurred_at"))


def _amounts(unit: Unit, assays: Collection[str], measured: tuple[Measurement, ...]) -> dict[str, Decimal]:
    """Return what is known of a unit; its volume is the one it was made with, unless its volume was measured."""
    known = known_amounts(assays, measured)
    own = {each.assay for each in measured if each.taken_from in (SampleSource.UNIT, SampleSource.LOT)}
    if "volume_ml" in assays and "volume_ml" not in own and unit.volume_ml is not None:
        known["volume_ml"] = unit.volume_ml
    return known
