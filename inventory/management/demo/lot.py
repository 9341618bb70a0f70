"""A lot of the demo: 24 vials of stromal cells of one cord, twelve of them released for one patient in one decision."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from inventory.domain.assay import Subject
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, Use
from inventory.management.demo import means, stock
from inventory.management.demo.birth import consent_mothers, one_birth, register_births
from inventory.management.demo.collection import bring_to_bank
from inventory.management.demo.people import Bank
from inventory.management.demo.release import approve, ask, close_worklist, deliver, send, sign_twice
from inventory.management.demo.results import Lucky
from inventory.management.demo.scene import Scene
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.queries.release import unit_ids_released_by
from inventory.services.lot import make_lot
from inventory.services.lot_acceptance import accept_lot
from inventory.services.lot_placement import put_away_lot
from inventory.services.lot_source import NewLot, Taken
from inventory.services.result import NewResult
from inventory.services.sample import NewSample, register_samples

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STROMAL_CELLS = "S9001V"
VIALS, FOR_ONE_PATIENT = 24, 12
OF_STROMAL_CELLS: Mapping[str, str] = {
    "cell_count": "5000000",
    "cell_viability_percent": "94.0",
    "dmso_percent": "10.00",
    "volume_ml": "1.0",
    "cd73_positive_percent": "98.40",
    "cd90_positive_percent": "99.10",
    "cd105_positive_percent": "97.60",
    "cd11b_positive_percent": "0.40",
    "cd19_positive_percent": "0.20",
    "cd34_positive_percent": "0.30",
    "cd45_positive_percent": "0.60",
    "hla_dr_positive_percent": "0.70",
    "endotoxin_eu_per_kg": "0.100",
    "bacterial_culture": "no_growth",
    "fungal_culture": "no_growth",
    "mycoplasma": "negative",
    "karyotype": "normal",
}


def treat_with_a_lot(scene: Scene, at: datetime) -> None:
    """Grow a cord into 24 vials, accept them once, and release twelve by one pair of signatures."""
    bank, month, lucky = scene.bank, one_birth(at, ProductClass.CORD_TISSUE), Lucky(24)
    registered = register_births(bank, month, consent_mothers(bank, month), lucky)
    bring_to_bank(bank, registered, at=at + 10 * HOUR)
    stock.store_tubes(bank, [registered[0].donation.pk], scene.shelves, at=at + 23 * HOUR)
    lot = grow(bank, registered[0].units, VIALS, started_at=at + DAY, frozen_at=at + 10 * DAY)
    post_thaw = {"cell_viability_percent": "91.0", "hgf_secretion": "1450.0", "t_cell_inhibition_percent": "62.0"}
    judge_lot(scene, lot, registered[0].donation, OF_STROMAL_CELLS, post_thaw, at=at + 11 * DAY)
    _release_twelve(scene, lot, at=at + 15 * DAY)


def grow(
    bank: Bank, cords: Sequence[Unit], vials: int, *, pool_din: str = "", started_at: datetime, frozen_at: datetime
) -> Lot:
    """Grow cords into one lot of vials; several of them are a pool under a DIN of its own."""
    new = NewLot(
        parents=tuple(Taken(cord.pk) for cord in cords),
        pool_din=pool_din,
        vials=vials,
        product_code=STROMAL_CELLS,
        product_class=ProductClass.MSC,
        method="explant culture",
        started_at=started_at,
        frozen_at=frozen_at,
        operator=bank.people["lab"],
        volume_ml=Decimal("1.00"),
        additives=("DMSO 10 % v/v",),
        freezer_run=f"CRF-{frozen_at:%y%m%d}",
        batch_ids=means.batch_ids(means.FROZEN_WITH),
        equipment_ids=means.device_ids(means.FROZEN_ON),
    )
    return make_lot(new, by=bank.people["lab"], at=frozen_at + HOUR)


def judge_lot(
    scene: Scene,
    lot: Lot,
    donation: Donation,
    values: Mapping[str, str],
    post_thaw: Mapping[str, str],
    *,
    at: datetime,
) -> None:
    """Put a lot away, measure it and its quality-control vial, determine its donor, and accept all of it once."""
    bank, lab, quality = scene.bank, scene.bank.people["lab"], scene.bank.people["quality"]
    put_away_lot(lot, scene.shelves.lots, reason="put away after freezing", by=bank.people["storage"], at=at)
    control = NewSample(donation=donation, role=SampleRole.VIABLE_VIAL, holder="BANK-A")
    [vial] = register_samples([control], by=lab, at=at)
    news = [NewResult(assay, Subject.LOT, lot=lot, value=value) for assay, value in values.items()]
    news += [NewResult(assay, Subject.LOT, lot=lot, sample=vial, value=value) for assay, value in post_thaw.items()]
    stock.measure(bank, [donation], news, Lucky(1), lot=lot, at=at + DAY)
    stock.determine(bank, [donation], at=at + 2 * DAY)
    accept_lot(lot, Use.HUMAN_APPLICATION, credentials=bank.credentials("quality"), by=quality, at=at + 3 * DAY)


def _release_twelve(scene: Scene, lot: Lot, *, at: datetime) -> None:
    bank, study = scene.bank, scene.studies.stromal
    request = ask(bank, study, vials={lot: FOR_ONE_PATIENT}, recipient="LC-0012", at=at)
    approve(bank, request, at=at + HOUR)
    close_worklist(bank, request, at=at + 2 * HOUR)
    release = sign_twice(bank, request, at=at + 3 * HOUR)
    vials = list(Unit.objects.filter(pk__in=unit_ids_released_by(release.pk)).order_by("pk"))
    shipment = send(bank, release, vials, at=at + 5 * HOUR)
    deliver(bank, shipment, vials, at=at + DAY)
