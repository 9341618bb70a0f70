"""Donations: whom they are for, which are of one birth, and which units may be offered to anybody."""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from inventory.domain.donation import FOR_ONE_RECIPIENT, DonationPurpose, is_one_birth
from inventory.domain.unit import UnitState
from inventory.models.donation import Donation
from inventory.models.unit import Unit, UnitSource


def listable_units() -> QuerySet[Unit]:
    """Return the units in stock that may be offered: none with a donation behind it that is for one recipient alone.

    Every list, search and export from which somebody outside the bank chooses starts here.
    """
    theirs = UnitSource.objects.filter(donation__purpose__in=sorted(FOR_ONE_RECIPIENT))
    return Unit.objects.filter(state=UnitState.AVAILABLE.value).exclude(pk__in=theirs.values("unit_id"))


def purposes_behind(unit_ids: Collection[int]) -> dict[int, set[DonationPurpose]]:
    """Return, by unit id, the purposes of every donation behind it."""
    found: dict[int, set[DonationPurpose]] = {unit_id: set() for unit_id in unit_ids}
    rows = UnitSource.objects.filter(unit_id__in=unit_ids).values_list("unit_id", "donation__purpose")
    for unit_id, purpose in rows:
        found[unit_id].add(DonationPurpose(purpose))
    return found


def of_one_birth(donations: Iterable[Donation]) -> dict[int, list[int]]:
    """Return, by donation id, the ids of its mother's donations that share her samples, results and history.

    They lie within seven days of it; it is one of them itself.
    """
    wanted = list(donations)
    rows = Donation.objects.filter(donor_id__in={each.donor_id for each in wanted}).order_by("pk")
    known: dict[int, list[Donation]] = {}
    for row in rows:
        known.setdefault(row.donor_id, []).append(row)
    return {
        each.pk: [
            other.pk
            for other in known.get(each.donor_id, [])
            if other.pk == each.pk or is_one_birth(each.collected_at, other.collected_at)
        ]
        for each in wanted
    }
