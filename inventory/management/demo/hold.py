"""A unit of the demo that somebody doubts."""

from datetime import datetime

from inventory.domain.hold import HoldKind
from inventory.domain.unit import Use
from inventory.management.demo.scene import Scene
from inventory.management.demo.unit import available
from inventory.services.hold import NewHold, place_holds


def doubt_a_unit(scene: Scene, at: datetime) -> None:
    """Place a hold on a unit whose label was found loose; it stays available, and nothing may take it."""
    unit = available(Use.LABORATORY, 1)[0]
    hold = NewHold(kind=HoldKind.MIX_UP, reason="The overwrap's label was found loose.", unit_id=unit.pk)
    place_holds([hold], by=scene.bank.people["storage"], at=at)
