"""Looking back from a reactive result to what left, and recalling what is defective."""

from collections.abc import Collection, Sequence
from datetime import datetime

from biobank.domain.text import check_text
from biobank.models.person import Person
from biobank.services.service import service
from consent.queries.donor import lock_donors
from inventory.domain.assay import ASSAYS
from inventory.domain.duty import DutyKind
from inventory.domain.eligibility import makes_reactive
from inventory.domain.hold import HoldKind
from inventory.domain.notice import LONGEST_REASON, NoticeKind, NoticeRefused
from inventory.domain.unit import FINAL, UnitState
from inventory.domain.withdrawal import LEFT
from inventory.models.donation import Donation
from inventory.models.notice import ConsigneeNotice
from inventory.models.result import Result
from inventory.models.unit import Unit
from inventory.queries.unit import donors_behind, lock_units, units_of_donations
from inventory.services.duty import owe
from inventory.services.hold import NewHold, place_holds
from inventory.services.notice import tell_sites


def look_back_on(results: Sequence[Result], *, by: Person, at: datetime) -> list[ConsigneeNotice]:
    """Tell the sites, and owe word to the mother's physician, of each verified result that is reactive.

    The donors behind the results are locked. What is still in the bank lost its acceptance with the eligibility.
    """
    reactive: dict[int, list[str]] = {}
    for result in results:
        if result.donation_id is not None and makes_reactive(result.assay, result.text, result.qualifier):
            reactive.setdefault(result.donation_id, []).append(ASSAYS[result.assay].name)
    notices = []
    for donation in Donation.objects.filter(pk__in=reactive).order_by("pk"):
        because = f"{donation.code}: reactive for {', '.join(sorted(reactive[donation.pk]))}."
        owe(DutyKind.INFORM_MOTHERS_PHYSICIAN, [donation.code], because=because, by=by, at=at)
        units = lock_units(units_of_donations([donation.pk]))
        notices += tell_sites(NoticeKind.LOOK_BACK, units, because=because, by=by, at=at)
    return notices


@service
def recall_units(unit_ids: Collection[int], *, reason: str, by: Person, at: datetime) -> list[ConsigneeNotice]:
    """Recall a defective product: hold what is still here or under way, and tell each site that has or had it.

    Raises ``NoticeRefused`` for units that do not exist, or of which nothing is left to hold or to tell of.
    """
    check_text(reason, "reason", longest=LONGEST_REASON)
    lock_donors(donors_behind(list(unit_ids)))
    units = lock_units(list(unit_ids))
    if not units or len(units) != len(set(unit_ids)):
        raise NoticeRefused("A unit named for the recall does not exist.", field="units")
    notices = recall_locked(units, because=reason, by=by, at=at)
    if not notices and all(UnitState(unit.state) in FINAL for unit in units):
        raise NoticeRefused("All of it ended in the bank: there is nothing to recall.", field="units")
    return notices


def recall_locked(units: Sequence[Unit], *, because: str, by: Person, at: datetime) -> list[ConsigneeNotice]:
    """Hold what of these locked units is still here or under way, and tell each site that has or had one."""
    notices = tell_sites(NoticeKind.RECALL, units, because=because, by=by, at=at)
    if held := [unit for unit in units if UnitState(unit.state) not in FINAL]:
        place_holds([_hold(unit, because) for unit in held], by=by, at=at)
    return notices


def recall_what_left(unit_ids: Collection[int], *, because: str, by: Person, at: datetime) -> list[ConsigneeNotice]:
    """Recall what of these units, their donors locked, has left the bank; what is still here is not touched."""
    gone = [unit for unit in lock_units(unit_ids) if UnitState(unit.state) in LEFT]
    return recall_locked(gone, because=because, by=by, at=at) if gone else []


def _hold(unit: Unit, reason: str) -> NewHold:
    return NewHold(kind=HoldKind.NOTICE, reason=reason[:500], unit_id=unit.pk)
