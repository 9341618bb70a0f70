"""Making lots: one processing of one donation's units, or of several donations' as a pool."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from biobank.models.person import Person
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.din import Din
from inventory.domain.donation import FOR_ONE_RECIPIENT
from inventory.domain.expiry import expiry_of
from inventory.domain.lot import (
    check_lot_product_code,
    divisions,
    product_code_in,
    shares,
)
from inventory.domain.unit import UnitKind, UnitState
from inventory.models.lot import Lot
from inventory.models.processing import Processing
from inventory.models.unit import Lineage, Unit, UnitSource
from inventory.queries.lot import divisions_taken
from inventory.queries.processing import made_frozen
from inventory.queries.unit import donors_behind, lock_units
from inventory.services.amount import Drawing, draw
from inventory.services.lot_source import NewLot, Source, check_lot, check_product_code, gather_source
from inventory.services.means import record_means
from inventory.services.placement import take_out
from inventory.services.pool import check_pool
from inventory.services.processing import WHOLLY_TURNED, run_of
from inventory.services.recovery import end_cold_ischaemia
from inventory.services.unit import change_states, record_registered


@service
def make_lot(new: NewLot, *, by: Person, at: datetime) -> Lot:
    """Record one processing that made a lot: its vials are quarantined, wholly used parents consumed.

    Raises ``LotRefused`` with every obstacle (parents, amounts, size, divisions, pooling) and ``ProductCodeRefused``.
    """
    base = check_lot_product_code(new.product_code)
    pool_din = Din.parse(new.pool_din).text if new.pool_din else ""
    parent_ids = [each.unit_id for each in new.parents]
    lock_donors(donors_behind(parent_ids))
    source = gather_source(new, lock_units(parent_ids))
    din = pool_din or (source.donations[0].code if source.donations else "")
    check_lot(new, source, din, at=at)
    check_pool(pool_din, source.parents, source.donations, at=at)
    check_product_code(base, source, at=at)
    ends = divisions(new.vials, divisions_taken(din, base))
    run = run_of(new, at=at)
    run.save(force_insert=True)
    lot = _lot(new, source, run, base, pool_din, at=at)
    vials = _vials(new, source, lot, [f"{din}{base}{end}" for end in ends], at=at)
    _trace(source, run, vials)
    _record(lot, run, source, vials, by=by, at=at)
    record_means({run: new}, by=by, at=at)
    record_registered(vials, reason=f"made in {lot.code}", by=by, at=at, also=(lot.code,))
    _use(source, lot, run, by=by, at=at)
    return lot


def _lot(new: NewLot, source: Source, run: Processing, base: str, pool_din: str, *, at: datetime) -> Lot:
    collected = [each.collected_at for each in source.donations if each.collected_at is not None]
    expiry = new.expiry or expiry_of(
        UnitKind.VIAL,
        new.product_class,
        collected_at=min(collected, default=new.started_at),
        frozen_at=new.frozen_at,
        for_one_recipient=any(each.purpose in FOR_ONE_RECIPIENT for each in source.donations),
    )
    return Lot.objects.create(
        code=new_code("LOT"),
        pool_din=pool_din or None,
        processing=run,
        product_code=base,
        product_class=new.product_class.value,
        size=new.vials,
        expires_at=expiry.at,
        expiry_basis=expiry.basis.value if expiry.basis else "",
        made_at=at,
    )


def _vials(new: NewLot, source: Source, lot: Lot, codes: Sequence[str], *, at: datetime) -> list[Unit]:
    """Write the vials; the first of a pool's donations stands for its place in time, all are behind each vial."""
    first = source.parents[0]
    vials = [
        Unit(
            code=code,
            donation=source.donations[0],
            lot=lot,
            product_code=product_code_in(code),
            kind=UnitKind.VIAL.value,
            product_class=lot.product_class,
            origin=first.origin,
            state=UnitState.QUARANTINED.value,
            holder=first.holder,
            volume_ml=new.volume_ml,
            mass_g=new.mass_g,
            tnc=new.tnc,
            thawed=any(parent.thawed for parent in source.parents),
            registered_at=at,
        )
        for code in codes
    ]
    return Unit.objects.bulk_create(vials, batch_size=500)


def _trace(source: Source, run: Processing, vials: Sequence[Unit]) -> None:
    """Write lineage with what each vial took of each parent, and every donation behind the parents."""
    lineage = []
    for parent in source.parents:
        taken = source.taken[parent.pk]
        parts: Sequence[Decimal | None] = [None] * len(vials) if taken is None else shares(taken, len(vials))
        column = "taken_g" if parent.volume_ml is None else "taken_ml"
        lineage += [
            Lineage(parent=parent, child=vial, processing=run, **{column: part})
            for vial, part in zip(vials, parts, strict=True)
        ]
    Lineage.objects.bulk_create(lineage, batch_size=500)
    sources = [UnitSource(unit=vial, donation=donation) for vial in vials for donation in source.donations]
    UnitSource.objects.bulk_create(sources, batch_size=500)


def _use(source: Source, lot: Lot, run: Processing, *, by: Person, at: datetime) -> None:
    """Write what is left of the parents that live on; the others are consumed."""
    frozen = made_frozen([parent.pk for parent, _ in source.living_on()])
    for parent, amount in source.living_on():
        thaws = parent.pk in frozen and not run.stays_frozen
        draw({run.reference: Drawing(parent, amount, thaws=thaws)}, by=by, at=at)
    end_cold_ischaemia([(parent, run.started_at) for parent in source.parents], by=by, at=at)
    used_up = source.used_up()
    take_out(used_up, reason="Wholly turned into children.", by=by, at=at)
    change_states(used_up, replace(WHOLLY_TURNED, also=(lot.code,)), by=by, at=at)


def _record(lot: Lot, run: Processing, source: Source, vials: Sequence[Unit], *, by: Person, at: datetime) -> None:
    parents = [parent.code for parent in source.parents]
    behind = {code for each in source.donations for code in (each.code, each.donor.donor_code)}
    record(
        "lot.made",
        subjects=[lot.code, run.reference, *parents, *sorted(behind), *(vial.code for vial in vials)],
        by=by,
        at=at,
        occurred_at=run.started_at,
        new={
            "lot": lot.code,
            "pool": lot.pool_din or "",
            "product_code": lot.product_code,
            "product_class": lot.product_class,
            "vials": len(vials),
            "first": vials[0].code,
            "last": vials[-1].code,
            "expires_at": lot.expires_at,
            "expiry_basis": lot.expiry_basis,
            "processing": run.reference,
            "method": run.method,
            "started_at": run.started_at,
            "frozen_at": run.frozen_at,
            "additives": run.additives,
            "freezer_run": run.freezer_run,
            "operator": run.operator.username,
            "taken": {parent.code: source.taken[parent.pk] for parent in source.parents},
        },
    )
