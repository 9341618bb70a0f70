"""Donations: whom they are for, which are of one birth, and which units may be offered to anybody."""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet

from inventory.domain.donation import FOR_ONE_RECIPIENT, is_one_birth
from inventory.domain.unit import UnitState
from inventory.models.donation import Donation
from inventory.models.unit import Unit, UnitSource


def listable_units() -> QuerySet[Unit]:
    """Return the units in stock that may be offered: none with a donation behind it that is for one recipient alone.

    Every list, search and export from which somebody outside the bank chooses starts here.
    """
    theirs = UnitSource.objects.filter(donation__purpose__in=sorted(FOR_ONE_RECIPIENT))
    return Unit.objects.filter(state=UnitState.AVAILABLE.value).exclude(pk__in=theirs.values("unit_id"))


def donations_behind(unit_ids: Collection[int]) -> dict[int, tuple[Donation, ...]]:
    """Return, by unit id, every donation behind it with its donor, in order."""
    found: dict[int, tuple[Donation, ...]] = dict.fromkeys(unit_ids, ())
    rows = UnitSource.objects.filter(unit_id__in=unit_ids).select_related("donation__donor").order_by("donation_id")
    for row in rows:
        found[row.unit_id] += (row.donation,)
    return found


def codes_of(behind: Mapping[int, Iterable[Donation]]) -> dict[int, tuple[str, ...]]:
    """Return, by unit id, the codes an entry about the unit names: those of donations, with their donors, behind it."""
    return {
        unit_id: tuple(sorted({code for each in donations for code in (each.code, each.donor.donor_code)}))
        for unit_id, donations in behind.items()
    }


def of_one_birth(donation_ids: Collection[int]) -> dict[int, list[int]]:
    """Return, by donation id, the ids of its mother's donations that share her samples, results and history.

    They lie within seven days of it; it is one of them itself.
    """
    of_donors = Donation.objects.filter(donor__donations__in=donation_ids).distinct().order_by("pk")
    known: dict[int, list[Donation]] = {}
    for row in of_donors:
        known.setdefault(row.donor_id, []).append(row)
    return {
        each.pk: [
            other.pk for other in others if other.pk == each.pk or is_one_birth(each.collected_at, other.collected_at)
        ]
        for others in known.values()
        for each in others
        if each.pk in donation_ids
    }
