"""What the demo's bank owes after a reactive marker, and does within the week."""

from collections.abc import Sequence
from datetime import datetime

from inventory.domain.duty import DutyKind
from inventory.management.demo.people import Bank
from inventory.models.donation import Donation
from inventory.queries.duty import open_duties
from inventory.services.duty import fulfil_duty


def tell_physicians(bank: Bank, donations: Sequence[Donation], *, at: datetime) -> None:
    """Tell the physician of each mother for whose donation that is owed."""
    owed = open_duties(subjects=[each.code for each in donations])
    for duty in owed.filter(kind=DutyKind.INFORM_MOTHERS_PHYSICIAN.value):
        note = "The demo mother's physician was told by registered letter."
        fulfil_duty(duty, note=note, by=bank.people["director"], at=at)
