"""Markers that turn reactive: one late, of which a part had left; one corrected, of which nothing had."""

from datetime import datetime, timedelta

from inventory.domain.assay import Subject
from inventory.domain.unit import ProductClass, Use
from inventory.management.demo import results
from inventory.management.demo.duty import tell_physicians
from inventory.management.demo.notice import tell
from inventory.management.demo.release import STEP, ask, release_units, send
from inventory.management.demo.scene import Scene, born
from inventory.management.demo.unit import available
from inventory.models.donation import Donation
from inventory.queries.notice import notices_of_unit
from inventory.queries.result import current_results
from inventory.services.correction import Correction, correct_result
from inventory.services.result import NewResult, record_results, verify_results

DAY = timedelta(days=1)


def report_a_marker_late(scene: Scene, at: datetime) -> None:
    """Ship a piece of a placenta; three weeks after the birth a marker of the mother comes back reactive.

    What is left goes back to quarantine, the site is told, and the mother's physician is owed word and gets it.
    """
    bank = scene.bank
    _bag, piece = sorted(
        born(scene, at, ProductClass.CORD_BLOOD, ProductClass.PLACENTA), key=lambda unit: unit.product_class
    )
    request = ask(bank, scene.studies.laboratory, [piece], at=at + 8 * DAY)
    send(bank, release_units(bank, request, [piece], at=at + 8 * DAY + STEP), [piece], at=at + 9 * DAY)
    late = _of_mother(piece.donation, "chagas", "positive", specimen_at=at + timedelta(hours=5))
    entered = record_results([late], by=bank.people["lab"], at=at + 21 * DAY)
    verify_results([each.pk for each in entered], by=bank.people["lab2"], at=at + 21 * DAY + STEP)
    tell(bank, notices_of_unit(piece.pk).get(), at=at + 21 * DAY + 2 * STEP)
    tell_physicians(bank, [piece.donation], at=at + 23 * DAY)


def correct_a_marker(scene: Scene, at: datetime) -> None:
    """Correct a mother's marker to reactive: eligibility reopens, and her unit goes back to quarantine."""
    bank, unit = scene.bank, available(Use.HUMAN_APPLICATION, 1)[0]
    old = current_results().get(donation=unit.donation, assay="anti_hbc")
    value = _of_mother(unit.donation, "anti_hbc", "positive", specimen_at=old.specimen_at)
    correction = Correction(replaces_id=old.pk, value=value, reason="The laboratory reports a sample mix-up.")
    corrected = correct_result(correction, by=bank.people["lab"], at=at)
    verify_results([corrected.pk], by=bank.people["lab2"], at=at + STEP)
    tell_physicians(bank, [unit.donation], at=at + 2 * STEP)


def _of_mother(donation: Donation, assay: str, value: str, *, specimen_at: datetime | None) -> NewResult:
    return NewResult(
        assay=assay,
        subject=Subject.MOTHER,
        donation=donation,
        value=value,
        method="screening assay",
        laboratory=results.LABORATORY,
        approved_test=True,
        diluted=False,
        specimen_at=specimen_at,
    )
