"""Named reads of donors, and the lock that everything upstream of a unit takes first."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from biobank.domain.role import sees_own_site_only
from biobank.models.person import Person
from biobank.queries.person import roles_of
from consent.models.donor import Donor, Infant


def lock_donors(donor_ids: Iterable[int]) -> list[Donor]:
    """Lock these donors' rows, ascending by id, and return them as they are now.

    The ids may be a query of their own: what names donors without ever changing is asked in the same statement.
    """
    return list(Donor.objects.select_for_update(of=("self",)).filter(id__in=donor_ids).order_by("id"))


def donor_codes(donor_ids: Iterable[int]) -> dict[int, str]:
    """Return the code of each donor."""
    return dict(Donor.objects.filter(id__in=set(donor_ids)).values_list("id", "donor_code"))


def donor_ids(codes: Collection[str]) -> dict[str, int]:
    """Return the id of each donor code that exists."""
    return dict(Donor.objects.filter(donor_code__in=set(codes)).values_list("donor_code", "id"))


def infants_of(donor_ids: Iterable[int]) -> dict[int, list[Infant]]:
    """Return each donor's infants in the order of birth."""
    infants: dict[int, list[Infant]] = {donor_id: [] for donor_id in donor_ids}
    for infant in Infant.objects.filter(donor_id__in=list(infants)).order_by("donor_id", "order"):
        infants[infant.donor_id].append(infant)
    return infants


def infant_by_id(infant_id: int) -> Infant | None:
    """Return one infant fresh, with its donor; None where there is none."""
    return Infant.objects.filter(id=infant_id).select_related("donor").first()


def infant_of_source(donor_code: str, order: int) -> Infant | None:
    """Return the infant that a donor's code and the order of birth name; None where they name none."""
    return Infant.objects.filter(donor__donor_code=donor_code, order=order).select_related("donor").first()


def donors_visible_to(person: Person, at: datetime) -> QuerySet[Donor]:
    """Return the donors whose codes this person may see: of their own site, or all for the bank's own people."""
    roles = roles_of(person, at)
    if not roles:
        return Donor.objects.none()
    return Donor.objects.filter(site=person.site) if sees_own_site_only(roles) else Donor.objects.all()
