"""What the database itself refuses of exceptions: quarantine opened to a normal request, a kind without its grounds."""

from biobank.services.trigger import Guard
from inventory.services.guard_row import changed, stays

GUARDS = (
    stays(
        "waiver",
        (
            *("request_id", "kind", "physician", "physician_request_sha256", "deviation_known", "no_alternative"),
            *("asked_by_id", "asked_at"),
        ),
    ),
    Guard(
        name="quarantine_opens_only_to_an_exception",
        table="inventory_reservation",
        event="INSERT",
        condition=(
            "EXISTS (SELECT 1 FROM inventory_unit u WHERE u.id = NEW.unit_id AND u.state <> 'available')"
            " AND NOT EXISTS (SELECT 1 FROM inventory_waiver w, inventory_unitrequest r WHERE r.id = NEW.request_id"
            " AND w.request_id = r.id AND w.kind = r.kind)"
        ),
        message="A request reserves units in stock only, unless it is an exception whose grounds are written.",
    ),
    Guard(
        name="request_stays_of_its_kind",
        table="inventory_unitrequest",
        event="UPDATE",
        condition=changed("kind"),
        message="A request stays of the kind it was made as.",
    ),
    Guard(
        name="release_is_of_its_request_s_kind",
        table="inventory_release",
        event="INSERT",
        condition=(
            "NOT EXISTS (SELECT 1 FROM inventory_unitrequest r WHERE r.id = NEW.request_id AND r.kind = NEW.kind)"
        ),
        message="A release is of the kind of its request.",
    ),
    Guard(
        name="release_by_exception_was_weighed",
        table="inventory_release",
        event="UPDATE",
        condition=(
            "NEW.status = 'issued' AND OLD.status <> 'issued' AND NEW.kind <> 'normal' AND NOT EXISTS"
            " (SELECT 1 FROM inventory_waiver w, inventory_releasesignature s WHERE w.request_id = NEW.request_id"
            " AND s.release_id = NEW.id AND s.meaning = 'released' AND s.signer_id = w.stated_by_id)"
        ),
        message="What leaves a gate open is released by who stated benefit and risk.",
    ),
)
