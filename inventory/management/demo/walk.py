"""One unit taken live through the bank: from the mother's consent to the outcome at the study."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from inventory.domain.din import Din
from inventory.domain.outcome import OutcomeKind
from inventory.domain.unit import Use
from inventory.management.demo import stock, stories
from inventory.management.demo.people import Bank
from inventory.management.demo.rules import Studies
from inventory.management.demo.storage import Shelves
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.placement import places_of
from inventory.services.acceptance import accept_units
from inventory.services.delivery import AsReceived, Delivery, receive_at_site
from inventory.services.disposition import use_unit
from inventory.services.donation import Registered
from inventory.services.eligibility import determine_eligibility
from inventory.services.outcome import NewOutcome, report_outcome

Say = Callable[[datetime, str], None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How long before the present the walk begins: its last step is the outcome, reported today.
LENGTH = 14 * DAY


def walk(bank: Bank, studies: Studies, shelves: Shelves, *, serial: int, say: Say) -> Unit:
    """Take one unit from consent to outcome, saying each step as it is done; return it as it then is."""
    begins = bank.now - LENGTH
    unit = _into_stock(bank, shelves, stock.Month(begins, serial, 1), say)
    shipment = _to_the_study(bank, studies, unit, at=begins + 7 * DAY, say=say)
    _at_the_study(bank, unit, shipment, at=begins + 9 * DAY, say=say)
    unit.refresh_from_db()
    return unit


def _into_stock(bank: Bank, shelves: Shelves, month: stock.Month, say: Say) -> Unit:
    begins, random = month.begins, _Lucky(7)
    mothers = stock.consent_mothers(bank, month)
    say(begins + HOUR, "consent: the mother consents on the form in force, human application included")
    registered = stock.register_births(bank, month, mothers, random)
    _say_registered(registered, say)
    stock.bring_to_bank(bank, registered, at=begins + 10 * HOUR)
    say(begins + 22 * HOUR, "receipt: box, seal, bag, volume and hours checked; accepted by criteria")
    made = stock.process(bank, registered, random, at=begins + DAY)
    unit = next(each for each in made if each.product_class == "cord_blood")
    say(begins + DAY, f"processing: reduced, frozen with two attached segments: {unit.code}")
    stock.store(bank, made, shelves, at=begins + DAY + 2 * HOUR)
    say(begins + DAY + 2 * HOUR, f"storage: put away in {places_of([unit.pk])[unit.pk].code}")
    stock.measure(bank, registered, made, random, at=begins + 3 * DAY)
    say(begins + 4 * DAY, "results: entered by one technician, every one verified by another")
    quality, credentials = bank.people["quality"], bank.credentials("quality")
    donations = [each.donation.pk for each in registered]
    verdict = determine_eligibility(donations, credentials=credentials, by=quality, at=begins + 5 * DAY)[0]
    say(begins + 5 * DAY, f"eligibility: {verdict.verdict}, signed and bound to exactly this evidence")
    accept_units([unit.pk], Use.HUMAN_APPLICATION, credentials=credentials, by=quality, at=begins + 6 * DAY)
    say(begins + 6 * DAY, "acceptance: for human application, signed by quality")
    unit.refresh_from_db()
    return unit


def _say_registered(registered: Sequence[Registered], say: Say) -> None:
    donation = registered[0].donation
    din = Din(donation.code)
    collected_at = donation.collected_at or donation.registered_at
    say(collected_at, f"donation: DIN {din.printed}, cord blood and placenta collected")


class _Lucky(Random):
    """Numbers from the upper half, so that the walk shows the good day: nothing low, nothing reactive."""

    def random(self) -> float:
        """Return a number of at least one half."""
        return 0.5 + super().random() / 2


def _to_the_study(bank: Bank, studies: Studies, unit: Unit, *, at: datetime, say: Say) -> Shipment:
    request = stories.ask(bank, studies, [unit], recipient="LC-0042", at=at)
    say(at, f"request: {request.reference} for recipient LC-0042 of {studies.clinical.code}, unit reserved")
    stories.approve(bank, request, at=at + HOUR)
    say(at + HOUR, "approval: signed by quality; what is unknown becomes the release worklist")
    stories.thaw_segments(bank, request, [unit], at=at + DAY)
    say(at + DAY, "segment: thawed, viable, growing, HLA identity confirmed")
    release = stories.sign_twice(bank, request, at=at + DAY + HOUR)
    say(at + DAY + HOUR, f"release: {release.reference}, nine gates passed, signed by two people")
    shipment = stories.send(bank, release, [unit], at=at + DAY + 3 * HOUR)
    say(at + DAY + 3 * HOUR, f"pick and shipment: both scans match; {shipment.reference} handed to the courier")
    return shipment


def _at_the_study(bank: Bank, unit: Unit, shipment: Shipment, *, at: datetime, say: Say) -> None:
    coordinator = bank.people["coordinator"]
    found = AsReceived(accepted=True, findings={"seal": "intact", "logger": "-182.4 °C at the warmest"})
    delivery = Delivery(items={unit.pk: found}, warmest_celsius=Decimal("-182.4"))
    receive_at_site(shipment, delivery, by=coordinator, at=at)
    say(at, "receipt at the study: seal intact, never warmer than -182.4 °C, accepted")
    thaw = NewOutcome(
        kind=OutcomeKind.THAW, outcome_date=(at + DAY).date(), values={"viability_percent": "86.0", "tnc": "940000000"}
    )
    report_outcome(unit, thaw, by=coordinator, at=at + DAY)
    use_unit(unit, left_over="nothing", occurred_at=at + DAY, by=coordinator, at=at + DAY)
    say(at + DAY, "use: thawed (viability 86.0 %) and administered; nothing left over")
    follow_up = NewOutcome(
        kind=OutcomeKind.FOLLOW_UP,
        outcome_date=(at + 5 * DAY).date(),
        values={"bilirubin_mg_dl": "2.4", "albumin_g_dl": "3.1", "inr": "1.4", "creatinine_mg_dl": "0.9"},
    )
    report_outcome(unit, follow_up, by=coordinator, at=at + 5 * DAY)
    say(at + 5 * DAY, "outcome: follow-up of the recipient's liver function comes back to the unit")
