"""Ending a stocktake: each difference resolved, and the whole closed by the signature of who did not count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission
from biobank.domain.signature import Credentials, Meaning
from biobank.models.person import Person
from biobank.models.signature import Signature
from biobank.services.ledger import record
from biobank.services.service import service
from biobank.services.signature import sign
from consent.queries.donor import lock_donors
from inventory.domain.hold import HoldKind
from inventory.domain.stocktake import (
    ClosingFacts,
    DifferenceKind,
    Resolution,
    ResolutionFacts,
    StocktakeRefused,
    StocktakeStatus,
    check_closing,
    obstacles_to_resolving,
)
from inventory.models.stocktake import Stocktake, StocktakeDifference
from inventory.models.unit import Unit
from inventory.queries.item import Item, items_read, places_of_items
from inventory.queries.sample import lock_samples
from inventory.queries.stocktake import counters_of, differences_of, lock_stocktake
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.hold import NewHold, place_holds
from inventory.services.loss import Discrepancy, lose_items
from inventory.services.placement import PutAway, put_away
from inventory.services.stocktake import check_status, code_of
from inventory.services.void import take_back


@dataclass(frozen=True)
class NewResolution:
    """How one difference ends: its way, where the thing is now, what it was found to be, and what was done."""

    difference_id: int
    resolution: str
    position_id: int | None = None
    item: str = ""
    note: str = ""


@service
def resolve_differences(
    stocktake: Stocktake, news: Sequence[NewResolution], *, by: Person, at: datetime
) -> list[StocktakeDifference]:
    """Resolve differences, all or nothing; things are moved in one command, so that some may change places.

    What was identified by another look than its label is held as a mix-up until quality is sure. What is lost is only
    said here: the signature that closes the stocktake makes it so. Raises ``StocktakeRefused`` with every fault,
    ``NotPlaceable`` by the moves.
    """
    stocktake = lock_stocktake(stocktake.pk)
    check_status(stocktake, StocktakeStatus.COMPARED)
    rows = {row.pk: row for row in differences_of(stocktake.pk)}
    known = items_read({new.item for new in news if new.item})
    _check(news, rows, known)
    identified = {new.difference_id: known[new.item][0] for new in news if new.item}
    _hold(stocktake, list(identified.values()), by=by, at=at)
    _place(stocktake, news, rows, identified, by=by, at=at)
    written = _write(news, rows, identified, by=by, at=at)
    codes = [code for row in written for code in (code_of(row), row.identified_as)]
    record(
        "stocktake.resolved",
        subjects=[stocktake.reference, stocktake.container.code, *codes],
        by=by,
        at=at,
        new={"resolved": [_shown(row) for row in written]},
    )
    return written


@service
def close_stocktake(stocktake: Stocktake, *, credentials: Credentials, by: Person, at: datetime) -> Stocktake:
    """Close a stocktake by signature; what is resolved as lost is lost by it.

    Raises ``StocktakeRefused`` with everything that is open, ``SignatureRefused`` by the signature.
    """
    stocktake = lock_stocktake(stocktake.pk)
    rows = differences_of(stocktake.pk)
    lost = [row for row in rows if row.resolution == Resolution.LOST]
    units, sample_ids = _lock_lost(stocktake, lost, by=by, at=at)
    check_closing(
        ClosingFacts(
            status=StocktakeStatus(stocktake.status),
            closed_by=by.username,
            counted_by=counters_of(stocktake),
            unresolved=[row.code or str(row.found_position) for row in rows if not row.resolution],
            moved_since=_moved_since(lost),
        )
    )
    content = [_summary(stocktake), *(_shown(row) for row in rows)]
    signature = sign(
        content, meaning=Meaning.APPROVED, credentials=credentials, by=by, at=at, permission=Permission.CLOSE_STOCKTAKE
    )
    stocktake.status, stocktake.ended_at, stocktake.signature = StocktakeStatus.CLOSED.value, at, signature
    stocktake.save(update_fields=["status", "ended_at", "signature"])
    lose_items(units, sample_ids, _discrepancy(stocktake, signature), by=by, at=at)
    record(
        "stocktake.closed",
        subjects=[stocktake.reference, stocktake.container.code, *(code_of(row) for row in rows)],
        by=by,
        at=at,
        new={"differences": len(rows), "lost": len(lost), "content_sha256": signature.content_sha256},
    )
    return stocktake


def _check(
    news: Sequence[NewResolution], rows: Mapping[int, StocktakeDifference], known: Mapping[str, Sequence[Item]]
) -> None:
    reasons: list[Reason] = []
    if not news or len({new.difference_id for new in news}) != len(news):
        reasons.append(Reason("Name each difference once.", "difference", "difference"))
    for new in news:
        row = rows.get(new.difference_id)
        if row is None:
            reasons.append(Reason("A difference named is not of this stocktake.", "difference", "difference"))
            continue
        reasons += obstacles_to_resolving(
            ResolutionFacts(
                kind=DifferenceKind(row.kind),
                code=row.code or str(row.found_position),
                resolution=new.resolution,
                note=new.note,
                has_place=new.position_id is not None,
                has_item=bool(new.item),
            )
        )
        if new.item and len(known[new.item]) != 1:
            text = f"“{new.item[:64]}” names no one unit or sample."
            reasons.append(Reason(text, "unknown-item", "item"))
    if reasons:
        raise StocktakeRefused("Nothing was resolved.", reasons=reasons, field="resolution")


def _hold(stocktake: Stocktake, items: Sequence[Item], *, by: Person, at: datetime) -> None:
    reason = f"{stocktake.reference}: known by another look than its label."
    units = [item.pk for item in items if isinstance(item, Unit)]
    if units:
        place_holds([NewHold(HoldKind.MIX_UP, reason, unit_id=pk) for pk in units], by=by, at=at)


def _place(
    stocktake: Stocktake,
    news: Sequence[NewResolution],
    rows: Mapping[int, StocktakeDifference],
    identified: Mapping[int, Item],
    *,
    by: Person,
    at: datetime,
) -> None:
    """Put everything where it is now; what the record has there already stays as it is."""
    items = {new: identified.get(new.difference_id) or _item(rows[new.difference_id]) for new in news}
    places = places_of_items([item for item in items.values() if item])
    wanted = []
    for new, item in items.items():
        place = places.get(item.code) if item else None
        if new.position_id is None or item is None or (place is not None and place.pk == new.position_id):
            continue
        which = {"unit_id": item.pk} if isinstance(item, Unit) else {"sample_id": item.pk}
        wanted.append(PutAway(new.position_id, **which))
    if wanted:
        put_away(wanted, reason=f"Found in stocktake {stocktake.reference}.", by=by, at=at)


def _write(
    news: Sequence[NewResolution],
    rows: Mapping[int, StocktakeDifference],
    identified: Mapping[int, Item],
    *,
    by: Person,
    at: datetime,
) -> list[StocktakeDifference]:
    """Write the resolutions; what was missing and is identified elsewhere is found with it."""
    written: dict[int, StocktakeDifference] = {}
    for new in news:
        row, item = rows[new.difference_id], identified.get(new.difference_id)
        row.resolution, row.resolved_position_id = new.resolution, new.position_id
        row.identified_as, row.note = item.code if item else "", new.note
        written[row.pk] = row
        for missing in rows.values():
            if item and missing.kind == DifferenceKind.MISSING and code_of(missing) == item.code:
                missing.resolution, missing.resolved_position_id = Resolution.PLACED.value, new.position_id
                written[missing.pk] = missing
    for row in written.values():
        row.resolved_by, row.resolved_at = by, at
    fields = ["resolution", "resolved_position", "identified_as", "note", "resolved_by", "resolved_at"]
    StocktakeDifference.objects.bulk_update(written.values(), fields)
    return list(written.values())


def _lock_lost(
    stocktake: Stocktake, lost: Sequence[StocktakeDifference], *, by: Person, at: datetime
) -> tuple[list[Unit], list[int]]:
    """Lock what is to be lost, and take back what was promised of it: requests are locked before units."""
    unit_ids = [row.unit_id for row in lost if row.unit_id is not None]
    sample_ids = [row.sample_id for row in lost if row.sample_id is not None]
    lock_donors(donors_behind(unit_ids))
    if unit_ids:
        take_back(unit_ids, because=f"Lost: missing in stocktake {stocktake.reference}.", by=by, at=at)
    units = lock_units(unit_ids)
    lock_samples(sample_ids)
    return units, sample_ids


def _moved_since(lost: Sequence[StocktakeDifference]) -> list[str]:
    places = places_of_items([item for row in lost if (item := _item(row))])
    return [row.code for row in lost if getattr(places.get(row.code), "pk", None) != row.recorded_position_id]


def _item(row: StocktakeDifference) -> Item | None:
    return row.unit or row.sample


def _discrepancy(stocktake: Stocktake, signature: Signature) -> Discrepancy:
    reason = f"Missing in stocktake {stocktake.reference} of {stocktake.container.code}."
    occurred_at = stocktake.compared_at or stocktake.opened_at
    return Discrepancy(
        reason=reason,
        occurred_at=occurred_at,
        signature=signature,
        witness=stocktake.opened_by,
        of=(stocktake.reference,),
    )


def _summary(stocktake: Stocktake) -> dict[str, object]:
    return {
        "stocktake": stocktake.reference,
        "container": stocktake.container.code,
        "opened_by": stocktake.opened_by.username,
        "opened_at": stocktake.opened_at,
        "compared_at": stocktake.compared_at,
    }


def _shown(row: StocktakeDifference) -> dict[str, object]:
    return {
        "kind": row.kind,
        "code": row.code,
        "found": str(row.found_position or ""),
        "recorded": str(row.recorded_position or ""),
        "resolution": row.resolution,
        "position": str(row.resolved_position or ""),
        "identified_as": row.identified_as,
        "note": row.note,
    }
