"""Placing and lifting holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.queries.person import roles_of
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from consent.queries.donor import donor_codes, lock_donors
from inventory.domain.hold import HoldKind, HoldRefused, LiftFacts, check_lifting
from inventory.models.donation import Donation
from inventory.models.hold import Hold
from inventory.models.lot import Lot
from inventory.models.sample import ReferenceSample
from inventory.models.unit import Unit
from inventory.queries.excursion import awaited_assessments
from inventory.queries.hold import codes_of, lock_holds
from inventory.queries.lot import donors_behind_lots
from inventory.queries.unit import donors_behind

LONGEST_REASON = 500


@dataclass(frozen=True)
class NewHold:
    """A doubt about exactly one unit, lot, reference sample, donation or donor, by id."""

    kind: HoldKind
    reason: str
    unit_id: int | None = None
    lot_id: int | None = None
    sample_id: int | None = None
    donation_id: int | None = None
    donor_id: int | None = None


@service
def place_holds(news: Sequence[NewHold], *, by: Person, at: datetime) -> list[Hold]:
    """Place holds and record each under the code of what it lies on. Any staff may.

    Raises ``HoldRefused`` for a hold without a reason, or on anything but exactly one thing that exists.
    """
    _check(news)
    lock_donors(_donors_of(news))
    holds = Hold.objects.bulk_create(
        Hold(
            reference=new_code("HLD"),
            kind=new.kind.value,
            reason=new.reason,
            unit_id=new.unit_id,
            lot_id=new.lot_id,
            sample_id=new.sample_id,
            donation_id=new.donation_id,
            donor_id=new.donor_id,
            placed_by=by,
            placed_at=at,
        )
        for new in news
    )
    codes = codes_of(holds)
    for hold in holds:
        record(
            "hold.placed",
            subjects=[hold.reference, *codes[hold.pk]],
            by=by,
            at=at,
            reason=hold.reason,
            new={"hold": hold.reference, "kind": hold.kind, "lies_on": codes[hold.pk][0]},
        )
    return holds


@service
def lift_hold(hold: Hold, *, reason: str, by: Person, at: datetime) -> Hold:
    """Lift one open hold. Raises ``HoldRefused`` unless quality does it, another person than who placed it."""
    return lift_holds([hold], reason=reason, by=by, at=at)[0]


@service
def lift_holds(holds: Sequence[Hold], *, reason: str, by: Person, at: datetime) -> list[Hold]:
    """Lift open holds for one reason, all or nothing, and record each. Raises ``HoldRefused`` as for one."""
    if reasons := obstacles_to_text(reason, "because", longest=LONGEST_REASON):
        raise HoldRefused(f"Say why in at most {LONGEST_REASON} characters.", reasons=reasons, field="because")
    locked = lock_holds([hold.pk for hold in holds])
    _check_lifting(locked, reason, by=by, at=at)
    for hold in locked:
        hold.lifted_by, hold.lifted_at, hold.lifted_because = by, at, reason
    Hold.objects.bulk_update(locked, ["lifted_by", "lifted_at", "lifted_because"])
    codes = codes_of(locked)
    for hold in locked:
        record(
            "hold.lifted",
            subjects=[hold.reference, *codes[hold.pk]],
            by=by,
            at=at,
            reason=reason,
            old={"hold": hold.reference, "kind": hold.kind, "because": hold.reason},
            new={"lifted": True},
        )
    return locked


def _check_lifting(holds: Sequence[Hold], reason: str, *, by: Person, at: datetime) -> None:
    roles, awaited = roles_of(by, at), awaited_assessments([hold.pk for hold in holds])
    for hold in holds:
        check_lifting(
            LiftFacts(
                placed_by=hold.placed_by.username,
                lifted_by=by.username,
                roles=roles,
                is_open=hold.lifted_at is None,
                because=reason,
                awaits=awaited.get(hold.pk, ""),
            )
        )


def _check(news: Sequence[NewHold]) -> None:
    for new in news:
        if reasons := obstacles_to_text(new.reason, "reason", longest=LONGEST_REASON, needed=True):
            mend = f"Say why in at most {LONGEST_REASON} characters."
            raise HoldRefused("A hold gives its reason.", reasons=reasons, field="reason", mend=mend)
        things = (new.unit_id, new.lot_id, new.sample_id, new.donation_id, new.donor_id)
        if sum(each is not None for each in things) != 1:
            text = "A hold lies on one unit, one lot, one sample, one donation or one donor."
            raise HoldRefused(text, mend="Name one of them.")
    units = {new.unit_id for new in news if new.unit_id is not None}
    lots = {new.lot_id for new in news if new.lot_id is not None}
    samples = {new.sample_id for new in news if new.sample_id is not None}
    donations = {new.donation_id for new in news if new.donation_id is not None}
    donors = {new.donor_id for new in news if new.donor_id is not None}
    known = (
        Unit.objects.filter(pk__in=units).count(),
        Lot.objects.filter(pk__in=lots).count(),
        ReferenceSample.objects.filter(pk__in=samples).count(),
        Donation.objects.filter(pk__in=donations).count(),
        len(donor_codes(donors)),
    )
    if known != (len(units), len(lots), len(samples), len(donations), len(donors)):
        raise HoldRefused("What a hold would lie on does not exist.", mend="Look it up again.")


def _donors_of(news: Sequence[NewHold]) -> set[int]:
    """Return the donors above what is held: whoever decides about their units waits for the hold."""
    donations = Donation.objects.filter(pk__in=[new.donation_id for new in news if new.donation_id is not None])
    return {
        *(new.donor_id for new in news if new.donor_id is not None),
        *donations.values_list("donor_id", flat=True),
        *donors_behind([new.unit_id for new in news if new.unit_id is not None]),
        *donors_behind_lots([new.lot_id for new in news if new.lot_id is not None]),
    }
