"""Pooling: what several donations must satisfy to become one lot."""

from collections.abc import Sequence
from datetime import datetime

from consent.queries.consent import consent_statuses
from inventory.domain.lot import LotRefused
from inventory.domain.pool import PooledDonation, PoolFacts, obstacles_to_pooling
from inventory.models.donation import Donation
from inventory.models.unit import Unit
from inventory.queries.ancestry import source_of
from inventory.queries.hold import open_holds_on
from inventory.queries.lot import is_din_taken


def check_pool(din: str, parents: Sequence[Unit], donations: Sequence[Donation], *, at: datetime) -> None:
    """Raise ``LotRefused`` with every reason why these cannot be one lot under this DIN, "" for none of its own.

    The caller holds the donors' rows: no consent is withdrawn meanwhile.
    """
    statuses = consent_statuses([source_of(each) for each in donations], at)
    holds = open_holds_on([parent.pk for parent in parents])
    facts = PoolFacts(
        din=din,
        donations=[
            PooledDonation(each.code, each.purpose, each.donor.donor_code, statuses[source_of(each)].standing)
            for each in donations
        ],
        holds=sorted({hold.code for each in holds.values() for hold in each}),
        din_taken=bool(din) and is_din_taken(din),
    )
    if reasons := obstacles_to_pooling(facts):
        raise LotRefused("The lot was not made.", reasons=reasons)
