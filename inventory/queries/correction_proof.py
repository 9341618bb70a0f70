"""What the register of corrections says, held against the rows: every fact is what its last correction wrote.

And what the database cannot reckon: that a liver was warm and cold for as long as its times give.
"""

from collections.abc import Iterator

from biobank.domain.proof import Finding
from inventory.domain.correctable import FACTS, Fact
from inventory.domain.recovery import ischaemia_minutes
from inventory.models.correction import Correction
from inventory.models.recovery import Recovery
from inventory.queries.correction_row import ROWS, row_of, value_now

# Amounts go on changing with what is taken; results are never overwritten.
GO_ON = frozenset({("unit", "volume_ml"), ("unit", "mass_g"), ("unit", "tnc"), ("sample", "volume_ml")})


def correction_findings() -> Iterator[Finding]:
    """Yield each correction left half done, and each fact that is not what its last correction says."""
    for reference in Correction.objects.filter(status="applying").order_by("pk").values_list("reference", flat=True):
        yield Finding(f"{reference} was begun and never took effect.")
    last: dict[tuple[str, int, str], Correction] = {}
    for row in Correction.objects.filter(status="in_effect").order_by("pk").iterator(chunk_size=2000):
        if (row.noun, row.field) in FACTS and (row.noun, row.field) not in GO_ON:
            last[row.noun, row.row_id, row.field] = row
    for correction in last.values():
        yield from _differences(FACTS[correction.noun, correction.field], correction)
    yield from _wrong_minutes()


def _differences(fact: Fact, correction: Correction) -> Iterator[Finding]:
    row = row_of(correction.noun, correction.row_id) if correction.noun in (*ROWS, "infant") else None
    now = value_now(fact, row) if row is not None else "gone"
    if now != correction.new_value:
        text = f"{correction.subject}: {fact.label} is not what {correction.reference} corrected it to."
        yield Finding(text)


def _wrong_minutes() -> Iterator[Finding]:
    for row in Recovery.objects.select_related("donation").order_by("pk").iterator(chunk_size=2000):
        said = row.warm_ischaemia_minutes, row.cold_ischaemia_minutes
        if said != ischaemia_minutes(row.died_at, row.cross_clamp_at, row.cold_ended_at):
            yield Finding(f"{row.donation.code}: its ischaemia is not what its times give.")
