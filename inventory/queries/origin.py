"""What the record has of donations and donors that other banks and systems sent."""

from collections.abc import Collection

from inventory.domain.din import Din
from inventory.domain.origin import KnownFacts
from inventory.domain.unit import Origin
from inventory.models.donation import Donation
from inventory.models.unit import Unit


def known_of(codes: Collection[str], dins: Collection[Din]) -> KnownFacts:
    """Return what the record has of these unit codes and numbers."""
    wanted, facilities = {din.text for din in dins}, {din.facility for din in dins}
    rows = Donation.objects.filter(code__in=wanted).values_list("code", "origin", "donor_key")
    own = Donation.objects.filter(origin=Origin.OWN.value, din__isnull=False)
    return KnownFacts(
        codes=frozenset(Unit.objects.filter(code__in=codes).values_list("code", flat=True)),
        donations={code: (Origin(origin), key) for code, origin, key in rows},
        facilities=frozenset(each for each in facilities if own.filter(din__startswith=each).exists()),
    )


def donors_by_key(keys: Collection[str]) -> dict[str, int]:
    """Return, by the key under which another system's donor is known here, the donor's id."""
    rows = Donation.objects.filter(donor_key__in=keys).order_by("-pk")
    return dict(rows.values_list("donor_key", "donor_id"))


def donations_by_code(codes: Collection[str]) -> dict[str, Donation]:
    """Return these donations with their donors."""
    return {each.code: each for each in Donation.objects.filter(code__in=codes).select_related("donor")}
