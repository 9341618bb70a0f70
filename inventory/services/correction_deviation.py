"""The deviation that a correction calls for: over what left on the old value, or was made with what was not fit."""

from collections.abc import Sequence
from datetime import datetime

from biobank.models.person import Person
from inventory.domain.correctable import DECIDED
from inventory.domain.deviation import LONGEST_STORY, DeviationClass
from inventory.models.correction import Correction
from inventory.models.deviation import Deviation
from inventory.models.unit import Unit
from inventory.queries.batch import NOTHING_LEFT
from inventory.queries.correction import Target
from inventory.queries.shipment import last_release_shipments
from inventory.services.deviation import NewDeviation, Touched, open_deviation


def deviation_of(
    correction: Correction, target: Target, unfit: Sequence[str], *, by: Person, at: datetime
) -> Deviation | None:
    """Open a major deviation for quality to assess; None where nothing left, and what was used was fit.

    ``unfit`` says what was not fit that was really used: then it touches everything made with it that is still there.
    """
    decided = DECIDED & set(correction.rested)
    left = last_release_shipments(target.unit_ids) if decided or unfit else {}
    if not left and not unfit:
        return None
    shipments = {shipment.pk: shipment for shipment in left.values()}
    told = NewDeviation(
        deviation_class=DeviationClass.MAJOR,
        what_happened=_story(correction, unfit, left=bool(left)),
        immediate_action="The fact was corrected; every verdict on what is still here is open again.",
        occurred_at=min((each.handed_over_at or at for each in shipments.values()), default=at),
        touched=_touched(target, set(left), set(shipments), unfit=bool(unfit)),
    )
    return open_deviation(told, by=by, at=at)


def _story(correction: Correction, unfit: Sequence[str], *, left: bool) -> str:
    after = " after units had left" if left else ""
    told = f"{correction.reference}: {correction.field.replace('_', ' ')} of {correction.subject} was corrected{after}."
    return " ".join([told, *unfit, correction.reason])[:LONGEST_STORY]


def _touched(target: Target, left: set[int], shipments: set[int], *, unfit: bool) -> Touched:
    """Return what a deviation touches: what left, in which shipments; all that is still there besides, or its gift."""
    here: set[int] = set()
    if unfit:
        there = Unit.objects.filter(pk__in=target.unit_ids).exclude(state__in=NOTHING_LEFT)
        here = set(there.values_list("pk", flat=True))
    units = tuple(sorted(left | here))
    gone = () if units else target.donation_ids
    travelled = {target.row.pk} if unfit and target.noun == "shipment" else set()
    return Touched(unit_ids=units, shipment_ids=tuple(sorted(shipments | travelled)), donation_ids=gone)
