"""One unit taken live through the bank: from the mother's consent to the outcome at the study."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from inventory.domain.din import Din
from inventory.domain.outcome import OutcomeKind
from inventory.domain.unit import ProductClass, Use
from inventory.management.demo import outcome, release, stock
from inventory.management.demo.birth import Month, consent_mothers, one_birth, register_births
from inventory.management.demo.collection import bring_to_bank
from inventory.management.demo.people import Bank
from inventory.management.demo.results import Lucky, of_unit
from inventory.management.demo.scene import Scene
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.outcome import change_from_baseline
from inventory.queries.placement import places_of
from inventory.services.acceptance import accept_units
from inventory.services.collected import Registered
from inventory.services.disposition import use_unit
from inventory.services.eligibility import determine_eligibility

Say = Callable[[datetime, str], None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How long before the present the walk begins: its last step is the outcome, reported today.
LENGTH = 14 * DAY


def walk(scene: Scene, *, say: Say) -> Unit:
    """Take one unit from consent to outcome, saying each step as it is done; return it as it then is."""
    begins = scene.bank.now - LENGTH
    unit = _into_stock(scene, one_birth(begins, ProductClass.CORD_BLOOD, ProductClass.PLACENTA), say)
    shipment = _to_the_study(scene, unit, at=begins + 7 * DAY, say=say)
    _at_the_study(scene.bank, unit, shipment, at=begins + 9 * DAY, say=say)
    unit.refresh_from_db()
    return unit


def _into_stock(scene: Scene, month: Month, say: Say) -> Unit:
    bank, begins, lucky = scene.bank, month.begins, Lucky(7)
    mothers = consent_mothers(bank, month)
    say(begins + HOUR, "consent: the mother consents on the form in force, human application included")
    registered = register_births(bank, month, mothers, lucky)
    _say_registered(registered, say)
    bring_to_bank(bank, registered, at=begins + 10 * HOUR)
    say(begins + 22 * HOUR, "receipt: box, seal, bag, volume and hours checked; accepted by criteria")
    made = stock.process(bank, registered, lucky, at=begins + DAY)
    unit = next(each for each in made if each.product_class == ProductClass.CORD_BLOOD)
    say(begins + DAY, f"processing: reduced, frozen with two attached segments: {unit.code}")
    stock.store(bank, made, scene.shelves, at=begins + DAY + 2 * HOUR)
    say(begins + DAY + 2 * HOUR, f"storage: put away in {places_of([unit.pk])[unit.pk].code}")
    news = [each for one in made for each in of_unit(one, lucky, {})]
    stock.measure(bank, [each.donation for each in registered], news, lucky, at=begins + 3 * DAY)
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


def _to_the_study(scene: Scene, unit: Unit, *, at: datetime, say: Say) -> Shipment:
    bank, study = scene.bank, scene.studies.clinical
    request = release.ask(bank, study, [unit], recipient="LC-0042", at=at)
    say(at, f"request: {request.reference} for recipient LC-0042 of {study.code}, unit reserved")
    release.approve(bank, request, at=at + HOUR)
    say(at + HOUR, "approval: signed by quality; what is unknown becomes the release worklist")
    release.thaw_segments(bank, request, [unit], at=at + DAY)
    say(at + DAY, "segment: thawed, viable, growing, HLA identity confirmed")
    signed = release.sign_twice(bank, request, at=at + DAY + HOUR)
    say(at + DAY + HOUR, f"release: {signed.reference}, nine gates passed, signed by two people")
    shipment = release.send(bank, signed, [unit], at=at + DAY + 3 * HOUR)
    say(at + DAY + 3 * HOUR, f"pick and shipment: both scans match; {shipment.reference} handed to the courier")
    return shipment


def _at_the_study(bank: Bank, unit: Unit, shipment: Shipment, *, at: datetime, say: Say) -> None:
    coordinator = bank.people["coordinator"]
    release.deliver(bank, shipment, [unit], at=at)
    say(at, f"receipt at the study: seal intact, never warmer than {release.COLD} °C, accepted")
    outcome.report(bank, unit, OutcomeKind.BASELINE, outcome.values_of("LC-0001", 0), at=at + HOUR)
    say(at + HOUR, "baseline: the recipient's liver as it is before")
    thaw = {"viability_percent": "86.0", "tnc": "940000000"}
    outcome.report(bank, unit, OutcomeKind.THAW, thaw, at=at + DAY)
    outcome.report(bank, unit, OutcomeKind.ADMINISTRATION, {"infused_volume_ml": "25"}, at=at + DAY)
    use_unit(unit, left_over="nothing", occurred_at=at + DAY, by=coordinator, at=at + DAY)
    say(at + DAY, "use: thawed (viability 86.0 %) and administered; nothing left over")
    outcome.report(bank, unit, OutcomeKind.FOLLOW_UP, outcome.values_of("LC-0001", 1), at=at + 5 * DAY)
    recipient = unit.outcomes.get(kind=OutcomeKind.FOLLOW_UP.value).recipient
    (meld,) = change_from_baseline(recipient=recipient, names=["meld_3"])
    say(
        at + 5 * DAY,
        f"outcome: MELD 3.0 of the recipient is {meld.point.value:.0f}, {meld.change:+.0f} from the baseline",
    )
