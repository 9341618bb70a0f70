"""Referrals to the medical director: which are open, and which units go on although their donor took something back."""

from collections.abc import Collection

from django.db.models import QuerySet

from inventory.models.referral import WithdrawalReferral


def open_referrals() -> QuerySet[WithdrawalReferral]:
    """Return what waits for the medical director, the oldest first."""
    return WithdrawalReferral.objects.filter(decision="").select_related("unit", "hold").order_by("referred_at", "pk")


def lock_referral(referral_id: int) -> WithdrawalReferral:
    """Take the row lock of one referral and return it fresh."""
    rows = WithdrawalReferral.objects.select_for_update(of=("self",)).select_related("unit", "hold")
    return rows.get(pk=referral_id)


def upheld_consents(unit_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return, by unit id, the consents whose latest withdrawal or narrowing was decided not to reach the unit."""
    latest: dict[tuple[int, str], str] = {}
    rows = WithdrawalReferral.objects.filter(unit_id__in=unit_ids).order_by("pk")
    for unit_id, consent, decision in rows.values_list("unit_id", "consent", "decision"):
        latest[unit_id, consent] = decision
    found: dict[int, set[str]] = {}
    for (unit_id, consent), decision in latest.items():
        if decision == "goes_on":
            found.setdefault(unit_id, set()).add(consent)
    return {unit_id: frozenset(consents) for unit_id, consents in found.items()}
