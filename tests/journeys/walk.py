"""Every way through the bank gone once, and some that are none: each command is done and, where it can be, refused."""

from biobank.domain.role import Role
from biobank.domain.signature import Meaning
from consent.domain.consent import WithdrawalScope
from consent.domain.use_review import ReviewAnswer
from inventory.domain.deviation import DeviationClass
from inventory.domain.excursion import ExcursionVerdict
from inventory.domain.hold import HoldKind
from inventory.domain.outcome import OutcomeKind
from inventory.domain.referral import ReferralDecision
from inventory.domain.release import ReleaseKind
from inventory.domain.sample import SampleRole, SampleState
from inventory.domain.unit import Use
from tests.factories.time import hours
from tests.journeys.machine_bank import Bank
from tests.journeys.machine_delivery import COLD, WARM
from tests.journeys.machine_journey import IN_STOCK


def walk(bank: Bank) -> None:
    """Go every way once, and try some that are none."""
    keep(bank)
    bank.birth(consented="after")
    bank.birth(consented="before")
    bank.freeze_anything(which=1, counted="-1")
    bank.go_on_to_stock(which=0, steps=12)
    bank.accept_lot(which=1, use=Use.HUMAN_APPLICATION)
    bank.make_lot(which=0, pooled=True, of="tissue")
    bank.make_lot(which=0, pooled=False, of="anything")
    for _ in range(2):
        bank.go_on_with_lot(which=2, steps=4)
    ask(bank)
    leave(bank)
    stay(bank)
    mend(bank)
    make(bank)
    count(bank)
    too_late(bank)
    answer(bank)


def keep(bank: Bank) -> None:
    """What is in store is kept: named, counted on, extended, put back into its box; and the record proved outside."""
    for _ in range(2):
        bank.answer_review(which=0, answer=ReviewAnswer.ALLOW)
        bank.erase(which=0, why="Lawful request 7/2026")
        bank.extend_expiry(which=1, shown="by paper")
    for how in ("kept", "impossible", "hung on nothing"):
        bank.register_sample(which=1, role=SampleRole.PLASMA, how=how)
    for to in (SampleState.STORED, SampleState.CONSUMED):
        bank.end_sample(which=1, to=to)
    for read in ("right", "twice"):
        bank.re_rack(which=1, code="T01-R01-01", read=read)
    for is_old in (False, True):
        bank.publish_checkpoint(which=0, is_old=is_old)


def ask(bank: Bank) -> None:
    """Vials and units are asked for, and no longer wanted, and their release is taken back."""
    bank.request_vials(which=1, count=2)
    bank.request_vials(which=1, count=3)
    bank.end(which=-1, how="cancel", is_open=True)
    for ending in ("reject", "cancel", "take out"):
        bank.request(which=0, count=1, until=None)
        bank.end(which=0, how=ending, is_open=True)
        bank.end(which=0, how=ending, is_open=False)
    bank.request(which=0, count=1, until=hours(4))
    bank.lapse(after=hours(5))
    bank.send_a_request_twice(which=0, as_before=True)
    bank.send_a_request_twice(which=0, as_before=True)
    bank.end(which=0, how="cancel", is_open=True)
    bank.send_a_request_twice(which=0, as_before=False)
    bank.end(which=0, how="cancel", is_open=True)
    bank.request(which=0, count=1, until=None)
    bank.go_on(which=0, steps=4)
    bank.revoke(which=0)
    bank.revoke(which=0)


def leave(bank: Bank) -> None:
    """One unit leaves and is used, one leaves by exception, one comes back."""
    bank.request_anything(which=0)
    bank.go_on(which=0, steps=2)
    bank.sign(which=0, signer=Role.COORDINATOR, meaning=Meaning.REVIEWED, password="")
    bank.sign(which=0, signer=Role.QUALITY_REVIEWER, meaning=Meaning.REVIEWED, password="wrong")
    bank.go_on(which=0, steps=2)
    for wrong in ("unit", "position"):
        bank.pick(which=0, wrong=wrong)
    bank.go_on(which=0, steps=12)
    bank.receive(which=1, accepted=True, celsius=COLD)
    bank.send_back(which=0)
    bank.receive_back(which=0, opened=True, celsius=COLD)
    bank.receive_back(which=0, opened=False, celsius=COLD)
    bank.receive(which=0, accepted=True, celsius=COLD)
    for _ in range(2):
        bank.use(which=0)
        bank.send_back(which=0)
    bank.request_exceptionally(which=the_weak_one(bank), kind=ReleaseKind.EXCEPTIONAL)
    bank.weigh(which=0, by=Role.QUALITY_REVIEWER)
    bank.go_on(which=-1, steps=12)


def the_weak_one(bank: Bank) -> int:
    """Return which of the units in quarantine fails a limit that a director may weigh."""
    viability = "tnc_viability_percent"
    units = [unit for unit in bank.units("quarantined") if unit.lot_id is None]
    return next(
        number for number, unit in enumerate(units) if unit.results.filter(assay=viability, number__lt=80).exists()
    )


def stay(bank: Bank) -> None:
    """What else happens to units in the bank."""
    bank.put(which=3, code="T01-R01-02", number=0)
    for which in range(4):
        bank.move_what_was_moved(which=which, code="T01-R01-02", number=3)
    bank.move_what_was_moved(which=4, code="T01-R01-02", number=2)
    bank.swap(which=0, other=1)
    bank.swap(which=0, other=0)
    bank.warm_up(code="T01-R01-02", celsius="-120.5", since=-2)
    bank.warm_up(code="T01-R01-02", celsius="-120.5", since=1)
    bank.assess(which=0, verdict=ExcursionVerdict.CLEARED, leaves_one_out=True)
    bank.assess(which=1, verdict=ExcursionVerdict.CLEARED, leaves_one_out=False)
    bank.hold(which=0, on="donation", kind=HoldKind.MIX_UP, why="")
    bank.hold(which=0, on="donation", kind=HoldKind.MIX_UP, why="odd")
    bank.lift(which=0, by="technician")
    bank.lift(which=0, by="reviewer")
    bank.correct(which=1, number=0, changes=False)
    bank.correct(which=0, number=0, changes=False)
    bank.narrow(which=1, key="treatment")
    bank.give_again(which=1, treatment=True, lasts=-1)
    bank.give_again(which=1, treatment=True, lasts=2)
    bank.measure(which=0, viability="950")
    bank.thaw_segment(which=0, identity="perhaps")
    bank.late_result(which=1, what="impossible", is_verified=True)
    bank.late_result(which=1, what="reactive", is_verified=True)
    bank.accept(which=0, use=Use.LABORATORY)
    bank.withdraw(which=1, scope=WithdrawalScope.ALL)
    bank.discard(which=3, witnessed=False)
    bank.discard(which=3, witnessed=True)
    bank.lose(which=9, witnessed=False)
    bank.lose(which=9, witnessed=True)


def mend(bank: Bank) -> None:
    """What was wrong is corrected, voided, told as a deviation, and decided by the director."""
    for how in ("otherwise", "same", "nonsense"):
        bank.correct_fact(which=0, fact=("donation", "clamp_seconds"), how=how)
    bank.confirm_correction(which=0, other=False)
    bank.confirm_correction(which=0, other=True)
    bank.correct_donation(which=8, field="collected_at")
    bank.reject_correction(which=0, why="")
    bank.reject_correction(which=0, why="it was right")
    for how in ("alone", "silently", "confirm"):
        bank.end_voiding(which=0, how=how)
    bank.void(which=0, whole=True)
    bank.void(which=0, whole=True)
    bank.end_voiding(which=0, how="reject")
    bank.deviate(which=0, severity=DeviationClass.MINOR, besides="unit", ago=12)
    bank.deviate(which=0, severity=DeviationClass.MINOR, besides="unit", ago=-12)
    bank.extend_deviation(which=0, besides="container")
    bank.extend_deviation(which=0, besides="nothing")
    bank.close_deviation(which=1, word="no_increased_risk", by="opener")
    bank.close_deviation(which=1, word="no_increased_risk", by="reviewer")

    for which in range(20):
        bank.withdraw(which=which, scope=WithdrawalScope.ALL)
    bank.decide_referral(which=0, decision=ReferralDecision.GOES_ON, by=Role.QUALITY_REVIEWER)
    bank.decide_referral(which=0, decision=ReferralDecision.GOES_ON, by=Role.MEDICAL_DIRECTOR)


def make(bank: Bank) -> None:
    """Lots are made, judged and asked for; units change sites."""
    bank.make_lot(which=0, pooled=True, of="anything")
    for what in ("put away", "measure"):
        bank.lot_out_of_turn(which=2, what=what)
    bank.accept_lot(which=2, use=Use.HUMAN_APPLICATION)
    bank.late_result_of_lot(which=2, what="vial")
    bank.late_result_of_lot(which=2, what="growth")
    for why in ("", "odd"):
        bank.hold_lot(which=2, kind=HoldKind.INVESTIGATION, why=why)
    bank.leave_for_the_other_site(which=0)
    bank.pack_transfer(which=0, count=1, states=())
    bank.pack_transfer(which=0, count=1, states=IN_STOCK)
    for how in ("enclose", "unpack", "unpack", "enclose"):
        bank.go_on_with_transfer(which=0, how=how, on_the_way=False)
    bank.go_on_with_transfer(which=0, how="unpack", on_the_way=True)
    for number in range(3):
        bank.receive_transfer(which=number, missing=False, celsius=WARM, intact=True)
    bank.put_away_at_the_other_site(which=0, number=0)


def count(bank: Bank) -> None:
    """A box is counted."""
    bank.begin_stocktake(code="T01-R01-02")
    bank.go_on_counting(which=0, readings="one missing", steps=4, by="counter")
    bank.go_on_counting(which=0, readings="right", steps=4, by="other")
    bank.count_out_of_turn(which=0, step="compare", readings="right")
    bank.begin_stocktake(code="T01-R01-02")
    bank.count_out_of_turn(which=0, step="resolve", readings="right")
    bank.count_out_of_turn(which=0, step="count", readings="nonsense")
    bank.count_out_of_turn(which=0, step="abandon", readings="right")
    bank.count_out_of_turn(which=0, step="abandon", readings="right")


def too_late(bank: Bank) -> None:
    """Everybody has withdrawn: nothing is asked for, judged, signed or sent any more."""
    bank.time_passes(jump=hours(1))
    for which in range(4):
        bank.approve(which=which)
    bank.request(which=0, count=1, until=None)
    bank.request_anything(which=1)
    bank.request_exceptionally(which=0, kind=ReleaseKind.EXCEPTIONAL)
    bank.send_a_request_twice(which=0, as_before=True)
    bank.narrow(which=0, key="treatment")
    bank.evaluate(which=0)
    bank.sign(which=0, signer=Role.RELEASING_OFFICER, meaning=Meaning.RELEASED, password="")
    for step in ("pack", "acknowledge", "hand over"):
        bank.leave_out_of_turn(which=0, step=step)
    for how in ("pack", "hand over", "receive"):
        bank.carry_anything(which=0, how=how)
    bank.freeze_anything(which=0, counted="1300000000")


def answer(bank: Bank) -> None:
    """Sites answer the notices of what left, a bag is severed, and a maker recalls what others were collected into."""
    for when in ("never", "now"):
        for how in ("close", "acknowledge", "answer"):
            bank.answer_notice(which=0, how=how, when=when)
    bank.answer_notice(which=0, how="close", when="now")
    for typed in ("a score", "measured"):
        bank.report_outcome(which=0, kind=OutcomeKind.THAW, typed=typed)
    for hang in ("each twice", "each once"):
        bank.sever(which=1, division="80/20", hang=hang)
    for by in ("technician", "reviewer"):
        bank.reject_batch(which=0, by=by)
