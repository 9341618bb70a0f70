"""What the database itself refuses of notices to sites: closing one whose excursion nobody has assessed."""

from biobank.services.trigger import Guard

GUARDS = (
    Guard(
        name="notice_of_an_excursion_is_closed_after_its_assessment",
        table="inventory_consigneenotice",
        event="UPDATE",
        condition=(
            "OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND EXISTS (SELECT 1 FROM inventory_excursion e"
            " WHERE e.id = NEW.excursion_id AND e.is_beyond AND e.assessed_at IS NULL)"
        ),
        message="A notice about an excursion is closed after its assessment: the site still waits to be told.",
    ),
)
