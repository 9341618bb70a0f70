"""Which master key wraps which identities; no identity is opened here."""

from collections import Counter

from consent.domain.identity import key_id_of
from consent.models.identity import DonorIdentity


def master_keys_in_use() -> dict[str, int]:
    """Return how many identities each master key, by its id, still opens: one that opens none can be destroyed."""
    wrapped = DonorIdentity.objects.filter(erased_at__isnull=True).values_list("wrapped_key", flat=True)
    return dict(sorted(Counter(map(key_id_of, wrapped)).items()))


def donors_under_older_keys(current: str, most: int) -> list[int]:
    """Return the ids of some donors whose data key is wrapped by another master key than the current one."""
    rows = DonorIdentity.objects.filter(erased_at__isnull=True).exclude(wrapped_key__startswith=f"{current}:")
    return list(rows.order_by("donor_id").values_list("donor_id", flat=True)[:most])
