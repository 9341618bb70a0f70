"""What the database itself refuses of attested facts: facts of the bank's own, and results that nobody signed for."""

from biobank.services.trigger import Guard

APPEND_ONLY = ("inventory.Attestation", "inventory.AttestedFact")

_OWN_UNIT = "EXISTS (SELECT 1 FROM inventory_unit u WHERE u.id = NEW.unit_id AND u.origin = 'own')"
_OWN_BIRTH = "EXISTS (SELECT 1 FROM inventory_donation d WHERE d.id = NEW.donation_id AND d.origin = 'own')"

GUARDS = (
    *(
        Guard(
            name=f"no_result_of_our_own_is_attested_on_{event.lower()}",
            table="inventory_result",
            event=event,
            condition=f"NEW.attestation_id IS NOT NULL AND ({_OWN_UNIT} OR {_OWN_BIRTH})",
            message="A result of the bank's own is verified here, not attested.",
        )
        for event in ("INSERT", "UPDATE")
    ),
    Guard(
        name="what_was_reported_is_corrected_as_reported",
        table="inventory_result",
        event="INSERT",
        condition=(
            "EXISTS (SELECT 1 FROM inventory_result r WHERE r.id = NEW.replaces_id"
            " AND ((r.reported_by = '' AND NEW.reported_by <> '') OR (r.reported_by <> '' AND NEW.reported_by = '')))"
        ),
        message="What another establishment reported never becomes a measurement of the bank's own.",
    ),
    Guard(
        name="no_donation_of_our_own_is_attested",
        table="inventory_eligibilitydetermination",
        event="INSERT",
        condition=f"NEW.attestation_id IS NOT NULL AND {_OWN_BIRTH}",
        message="Eligibility of the bank's own donations is determined here, not attested.",
    ),
    Guard(
        name="lineage_without_processing_was_brought_in",
        table="inventory_lineage",
        event="INSERT",
        condition=(
            "NEW.processing_id IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM inventory_unit u WHERE u.id = NEW.child_id AND u.origin = 'migrated')"
        ),
        message="Only what was brought in as it was comes from a parent by no processing of record.",
    ),
)
