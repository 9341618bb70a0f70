"""A deviation of the demo: a major one, while which gate 3 refuses, investigated and closed by quality."""

from contextlib import suppress
from datetime import datetime, timedelta

from inventory.domain.deviation import DeviationClass, DeviationDisposition, Disposition
from inventory.domain.gate import NotReleasable
from inventory.domain.unit import Use
from inventory.management.demo.release import ask
from inventory.management.demo.scene import Scene
from inventory.management.demo.unit import available
from inventory.services.deviation import Closing, NewDeviation, Touched, close_deviation, open_deviation

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def leave_a_sealer_open(scene: Scene, at: datetime) -> None:
    """Open a deviation about a unit, have a request for it refused, and close it with no increased risk."""
    bank, (unit,) = scene.bank, available(Use.HUMAN_APPLICATION, 1)
    new = NewDeviation(
        deviation_class=DeviationClass.MAJOR,
        what_happened="The lid of the tube sealer stood open while a bag was sealed.",
        immediate_action="The bag's tubing was sealed again below; the sealer was taken out of use.",
        occurred_at=at - HOUR,
        touched=Touched(unit_ids=(unit.pk,)),
    )
    deviation = open_deviation(new, by=bank.people["lab"], at=at)
    # The refusal stands in the record: while a major deviation is open, the unit is for nobody.
    with suppress(NotReleasable):
        ask(bank, scene.studies.clinical, [unit], recipient="LC-0005", at=at + HOUR)
    found = Disposition(
        DeviationDisposition.NO_INCREASED_RISK.value, (unit.code,), "The tubing below held; both cultures were sterile."
    )
    closing = Closing("The hinge was worn and is replaced.", (found,), capa_reference="CAPA-DEMO-3")
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    close_deviation(deviation, closing, credentials=credentials, by=quality, at=at + 5 * DAY)
