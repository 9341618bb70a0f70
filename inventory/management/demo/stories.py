"""What else happens in the demo's year, in order: after which month's births, how many days after, and what is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from inventory.management.demo.consent import consent_in_two_halves, decline
from inventory.management.demo.deviation import leave_a_sealer_open
from inventory.management.demo.excursion import warm_up_at_night
from inventory.management.demo.hold import doubt_a_unit
from inventory.management.demo.lot import treat_with_a_lot
from inventory.management.demo.marker import correct_a_marker, report_a_marker_late
from inventory.management.demo.origin import take_in_from_another_bank
from inventory.management.demo.outcome import treat_three, visit
from inventory.management.demo.pool import pool_two_cords
from inventory.management.demo.recovery import make_hepatocytes
from inventory.management.demo.release import leave_requests_open, treat_with_two_units
from inventory.management.demo.scene import Scene
from inventory.management.demo.stocktake import count_a_box
from inventory.management.demo.testing import send_to_a_laboratory
from inventory.management.demo.transfer import fill_the_second_site
from inventory.management.demo.waiver import release_by_exception, release_for_urgent_need
from inventory.management.demo.withdrawal import withdraw_after_shipping


@dataclass(frozen=True)
class Story:
    """One of the bank's other days: its title, and how many days after a month's births began it is told.

    A month of births takes six days, and the next begins after 28; after the twelfth there are 40 until the walk.
    """

    month: int
    day: int
    title: str
    tell: Callable[[Scene, datetime], None]


STORIES = (
    Story(2, 7, "a tube for an outside laboratory", send_to_a_laboratory),
    Story(2, 12, "a mother who declines", decline),
    Story(3, 7, "three recipients, with baselines", treat_three),
    Story(4, 7, "a lot of 24 vials, 12 released at once", treat_with_a_lot),
    Story(5, 7, "a consent in two halves, then narrowed", consent_in_two_halves),
    Story(5, 19, "first visits of the three recipients", visit),
    Story(6, 7, "a transfer to the second site", fill_the_second_site),
    Story(6, 17, "a tank that warmed up at night", warm_up_at_night),
    Story(6, 19, "a box counted, one unit elsewhere", count_a_box),
    Story(7, 7, "a deviation, opened and closed", leave_a_sealer_open),
    Story(7, 14, "a neonatal liver", make_hepatocytes),
    Story(8, 7, "an exceptional release", release_by_exception),
    Story(8, 19, "second visits of the three recipients", visit),
    Story(9, 7, "a release for urgent medical need", release_for_urgent_need),
    Story(10, 7, "two bags of another bank", take_in_from_another_bank),
    Story(11, 7, "a pool of two cords", pool_two_cords),
    Story(12, 7, "a late marker and its look-back", report_a_marker_late),
    Story(12, 31, "a withdrawal, its notice closed", withdraw_after_shipping),
    Story(12, 35, "a corrected marker", correct_a_marker),
    Story(12, 36, "a doubt", doubt_a_unit),
    Story(12, 36, "two units for one recipient", treat_with_two_units),
    Story(12, 37, "requests that wait", leave_requests_open),
)
