"""What the database itself refuses of expiries: one moved later, or taken away, that no signed extension says."""

from biobank.services.trigger import Guard

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


GUARDS = (_only_extended("unit"), _only_extended("lot"))
