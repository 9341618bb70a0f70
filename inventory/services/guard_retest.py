"""What the database itself refuses to be accepted: what was left to be discarded, or to be tested first and was not."""

from biobank.services.trigger import Guard
from inventory.domain.retest import COMPUTED, MEASURED
from inventory.services.guard_row import one_of

_WORDS = one_of(MEASURED)
_NOT_TESTS = ", ".join(f"'{code}'" for code in sorted(COMPUTED))
# A trigger follows no line of corrections: one is of the same assay and the same thing, and was written later.
_IN_ITS_LINE = (
    "(z.id = r.id OR (z.replaces_id IS NOT NULL AND z.id > r.id AND z.assay = r.assay"
    " AND (z.unit_id = r.unit_id OR z.lot_id = r.lot_id)))"
)
# The units that an acceptance is of; a vial that was taken out of its lot, or has left, is not accepted with it.
_OF_UNITS = (
    "(i.unit_id = NEW.unit_id OR i.unit_id IN"
    " (SELECT v.id FROM inventory_unit v WHERE v.lot_id = NEW.lot_id AND v.state = 'quarantined'))"
)


def _untested_since(instant: str) -> str:
    """Return the condition that nothing of the thing was measured and verified since, nor of the lot it is of.

    The times are of the first in a line of corrections, the value is of the last.
    """
    return (
        "NOT EXISTS (SELECT 1 FROM inventory_result r WHERE (r.unit_id = i.unit_id OR r.lot_id = NEW.lot_id)"  # noqa: S608 - names of our own
        f" AND r.replaces_id IS NULL AND r.entered_at > {instant} AND r.verified_at > {instant}"
        f" AND (r.specimen_at IS NULL OR r.specimen_at > {instant}) AND r.assay NOT IN ({_NOT_TESTS})"
        f" AND EXISTS (SELECT 1 FROM inventory_result z WHERE {_IN_ITS_LINE}"
        f" AND z.verified_at IS NOT NULL AND z.qualifier IN ({_WORDS})"
        " AND NOT EXISTS (SELECT 1 FROM inventory_result c WHERE c.replaces_id = z.id)))"
    )


def _left(inquiry: str, word: str, instant: str, things: str) -> str:
    """Return the condition that an inquiry that ended at an instant left some of the things in such a word."""
    return (
        f"EXISTS (SELECT 1 FROM inventory_{inquiry}item i, inventory_{inquiry} e WHERE e.id = i.{inquiry}_id"  # noqa: S608 - as above
        f" AND e.{instant} IS NOT NULL AND {things} AND (i.{word} = 'discard' OR (i.{word} = 'test_first'"
        f" AND {_untested_since(f'e.{instant}')})))"
    )


GUARDS = (
    Guard(
        name="acceptance_heeds_what_an_excursion_left",
        table="inventory_acceptance",
        event="INSERT",
        condition=_left("excursion", "verdict", "assessed_at", _OF_UNITS),
        message="What an excursion left to be discarded, or to be tested first and was not, is not accepted.",
    ),
    Guard(
        name="acceptance_heeds_what_a_deviation_left",
        table="inventory_acceptance",
        event="INSERT",
        condition=_left("deviation", "disposition", "closed_at", f"(i.lot_id = NEW.lot_id OR {_OF_UNITS})"),
        message="What a deviation left to be discarded, or to be tested first and was not, is not accepted.",
    ),
)
