"""What the database itself refuses of expiries: moved later by no signed extension, or longer than by policy."""

from biobank.services.trigger import Guard
from inventory.domain.expiry import FROZEN
from inventory.domain.extension import RETEST_YEARS

# The longest that the policy of any product lets evidence carry; of each product, the rule knows it.
MOST_YEARS = max(policy.years or RETEST_YEARS for policy in FROZEN.values())
APPEND_ONLY = ("inventory.ExpiryExtension",)
# A correction is applying only inside the transaction that writes its value: the policy's date follows its times.
_CORRECTED = "EXISTS (SELECT 1 FROM inventory_correction c WHERE c.status = 'applying')"


def _only_extended(noun: str) -> Guard:
    extended = (
        f"EXISTS (SELECT 1 FROM inventory_expiryextension x WHERE x.{noun}_id = NEW.id"  # noqa: S608 - names of our own
        " AND x.expired_at = OLD.expires_at AND x.expires_at = NEW.expires_at)"
    )
    return Guard(
        name=f"expiry_of_{noun}_is_only_extended",
        table=f"inventory_{noun}",
        event="UPDATE",
        condition=(
            "OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at)"
            f" AND NOT {extended} AND NOT {_CORRECTED}"
        ),
        message="An expiry moves later only by a signed extension.",
    )


def _carries_less(shown: str) -> str:
    """Return the condition that an extension ends on a later day than evidence of then carries by any policy.

    Both databases write a day as 2026-03-14.
    """
    instants, parts = ("NEW.expires_at", shown), ("1, 4", "6, 5")
    years, days = ([f"substr(CAST({instant} AS TEXT), {part})" for instant in instants] for part in parts)
    later = " - ".join(f"CAST({year} AS INTEGER)" for year in years)
    return f"({later} > {MOST_YEARS} OR ({later} = {MOST_YEARS} AND {' > '.join(days)}))"


GUARDS = (
    _only_extended("unit"),
    _only_extended("lot"),
    Guard(
        name="extension_is_no_longer_than_its_evidence_carries",
        table="inventory_expiryextension",
        event="INSERT",
        condition=(
            f"(NEW.document_date IS NOT NULL AND {_carries_less('NEW.document_date')})"  # noqa: S608 - names of our own
            " OR EXISTS (WITH RECURSIVE line (replaces_id, entered_at, specimen_at) AS ("
            "SELECT r.replaces_id, r.entered_at, r.specimen_at FROM inventory_result r WHERE r.id = NEW.result_id"
            " UNION ALL SELECT r.replaces_id, r.entered_at, r.specimen_at FROM inventory_result r"
            f" JOIN line l ON r.id = l.replaces_id) SELECT 1 FROM line WHERE {_carries_less('entered_at')}"
            f" OR (specimen_at IS NOT NULL AND {_carries_less('specimen_at')}))"
        ),
        message="An expiry is extended no longer than policy lets its evidence carry.",
    ),
)
