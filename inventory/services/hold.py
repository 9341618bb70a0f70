"""Placing and lifting holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from biobank.models.person import Person
from biobank.queries.person import roles_of
from biobank.services.code import new_code
from biobank.services.ledger import record
from biobank.services.service import service
from inventory.domain.hold import HoldKind, LiftFacts, check_lifting
from inventory.models.hold import Hold
from inventory.queries.hold import codes_of


@dataclass(frozen=True)
class NewHold:
    """A doubt about exactly one unit, donation or donor, by id."""

    kind: HoldKind
    reason: str
    unit_id: int | None = None
    donation_id: int | None = None
    donor_id: int | None = None


@service
def place_holds(news: Sequence[NewHold], *, by: Person, at: datetime) -> list[Hold]:
    """Place holds and record each under the code of what it lies on. Any staff may."""
    holds = Hold.objects.bulk_create(
        Hold(
            reference=new_code("HLD"),
            kind=new.kind.value,
            reason=new.reason,
            unit_id=new.unit_id,
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
    hold = Hold.objects.select_for_update().select_related("placed_by").get(pk=hold.pk)
    check_lifting(
        LiftFacts(
            placed_by=hold.placed_by.username,
            lifted_by=by.username,
            roles=roles_of(by, at),
            is_open=hold.lifted_at is None,
            because=reason,
        )
    )
    hold.lifted_by, hold.lifted_at, hold.lifted_because = by, at, reason
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    codes = codes_of([hold])[hold.pk]
    record(
        "hold.lifted",
        subjects=[hold.reference, *codes],
        by=by,
        at=at,
        reason=reason,
        old={"hold": hold.reference, "kind": hold.kind, "because": hold.reason},
        new={"lifted": True},
    )
    return hold
