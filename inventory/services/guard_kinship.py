"""What the database itself refuses of kinship: a second recipient, a stranger; a recovery of another donation."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import stays

_DONATION = "EXISTS (SELECT 1 FROM inventory_donation d WHERE d.id = NEW.donation_id AND d.purpose = '{}')"
_ANOTHER = "EXISTS (SELECT 1 FROM inventory_kinship k WHERE k.donation_id = NEW.donation_id)"

GUARDS = (
    Guard(
        name="autologous_gift_is_the_infants_own",
        table="inventory_kinship",
        event="INSERT",
        condition=f"NEW.degree <> 0 AND {_DONATION.format('autologous')}",
        message="An autologous donation names nobody but the infant itself.",
    ),
    Guard(
        name="related_gift_names_one_recipient",
        table="inventory_kinship",
        event="INSERT",
        condition=f"{_DONATION.format('related')} AND (NEW.degree = 0 OR {_ANOTHER})",
        message="A related donation names one recipient, a relative.",
    ),
    Guard(
        name="kinship_is_corrected_to_no_stranger",
        table="inventory_kinship",
        event="UPDATE",
        condition=(
            f"(NEW.degree <> 0 AND {_DONATION.format('autologous')})"
            f" OR (NEW.degree = 0 AND {_DONATION.format('related')})"
        ),
        message="An autologous donation is the infant's own, and a related one a relative's.",
    ),
    stays("kinship", ("donation_id", "recipient_id", "stated_by_id", "stated_at")),
    stays("recovery", ("donation_id",)),
)
