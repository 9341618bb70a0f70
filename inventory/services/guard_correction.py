"""What the database itself refuses of recorded facts: any change but the one that a correction accounts for.

A correction is ``applying`` only inside the transaction that writes its value, so that the triggers can hold the row to
exactly that value; what is kept as JSON, which the databases compare differently, only to a correction of it. Its value
``verify`` watches (``queries/correction_proof.py``), and additives. Amounts of units and samples change with what is
taken of them; their entries tell.
"""

from collections.abc import Mapping

from biobank.services.trigger import Guard
from inventory.services.guard_row import changed, status, stays

NUMBER, TIME, TEXT, NAMED = "new_number", "new_time", "new_value", "new_id"
DAY, JSON = "day", "json"

# By noun and column, the column of the correction that it is held to. What is unknown may be filled in.
_HELD: Mapping[str, Mapping[str, str]] = {
    "donation": {
        "collected_at": TIME,
        "delivery": TEXT,
        "gestational_age_days": NUMBER,
        "clamp_seconds": NUMBER,
        "procedure_version": TEXT,
        "collector_id": NAMED,
        "collection_site_id": NAMED,
    },
    "recovery": {
        "organisation": TEXT,
        "died_at": TIME,
        "cross_clamp_at": TIME,
        "cold_ended_at": TIME,
        "preservation_fluid": TEXT,
    },
    "processing": {
        "started_at": TIME,
        "frozen_at": TIME,
        "method": TEXT,
        "volume_before_ml": NUMBER,
        "volume_after_ml": NUMBER,
        "freezer_run": TEXT,
        "operator_id": NAMED,
    },
    "lineage": {"taken_ml": NUMBER, "taken_g": NUMBER},
    "batch_use": {"batch_id": NAMED},
    "equipment_use": {"equipment_id": NAMED},
    "sample": {"role": TEXT},
    "shipment": {
        "shipper": TEXT,
        "shipper_code": TEXT,
        "seal_code": TEXT,
        "logger_code": TEXT,
        "courier": TEXT,
        "warmest_celsius": NUMBER,
    },
    "kinship": {"degree": NUMBER, "shown_by": TEXT},
    "request": {
        "weight_kg": NUMBER,
        "delivery_address": TEXT,
        "delivery_contact": TEXT,
        "ordering_physician": TEXT,
        "recipient_typing": JSON,
        "needed_by": DAY,
    },
    "outcome": {"kind": TEXT, "outcome_date": DAY, "values": JSON},
    "identifier": {"issuer": TEXT, "value": TEXT},
    "infant": {"born_at": TIME},
}
_COMPARED = {DAY: TEXT}
# Of these, what was not known when they were written is not filled in later either.
_WRITTEN_WHOLE = frozenset({"lineage"})
_TABLES = {
    "sample": "inventory_referencesample",
    "request": "inventory_unitrequest",
    "infant": "consent_infant",
    "batch_use": "inventory_batchuse",
    "equipment_use": "inventory_equipmentuse",
}


def _applying(noun: str, field: str, and_so: str, *, row: str = "id") -> str:
    return (
        "EXISTS (SELECT 1 FROM inventory_correction c WHERE c.status = 'applying'"  # noqa: S608 - names of our own
        f" AND c.noun = '{noun}' AND c.row_id = NEW.{row} AND c.field = '{field}'{and_so})"
    )


def _held(noun: str, column: str, compared: str) -> str:
    new, old = f'NEW."{column}"', f'OLD."{column}"'
    value = f"CAST({new} AS text)" if compared == DAY else new
    exactly = "" if compared == JSON else f" AND c.{_COMPARED.get(compared, compared)} IS NOT DISTINCT FROM {value}"
    corrected = _applying(noun, column.removesuffix("_id"), exactly)
    rewritten = f"{new} IS DISTINCT FROM {old} AND NOT {corrected}"
    if noun in _WRITTEN_WHOLE:
        return f"({rewritten})"
    known = f"{old} <> ''" if compared == TEXT else f"{old} IS NOT NULL"
    return f"({known} AND {rewritten})"


def _facts_stay(noun: str, columns: Mapping[str, str]) -> Guard:
    table = _TABLES.get(noun, f"inventory_{noun}")
    return Guard(
        name=f"facts_of_{noun}_are_only_corrected",
        table=table,
        event="UPDATE",
        condition=" OR ".join(_held(noun, column, compared) for column, compared in columns.items()),
        message=f"A fact of {table} changes only by a correction that says so.",
    )


_OF_ITS_DONOR = (
    " AND c.new_id = NEW.infant_id"
    " AND EXISTS (SELECT 1 FROM consent_infant i WHERE i.id = NEW.infant_id AND i.donor_id = NEW.donor_id)"
)

_OF_THE_REQUEST = " OR ".join(_applying("request", field, "") for field in _HELD["request"])
_OF_ITS_REPORT = " OR ".join(_applying("outcome", field, "", row="outcome_id") for field in ("kind", "values"))
_OF_ITS_RUN = " OR ".join(
    _applying("processing", field, "", row="processing_id") for field in ("started_at", "frozen_at")
)
_OF_ITS_BIRTH = _applying("donation", "collected_at", "", row="donation_id")
_OF_ITS_RECIPIENT = (
    "EXISTS (SELECT 1 FROM inventory_correction c, inventory_kinship k WHERE c.status = 'applying'"
    " AND c.noun = 'kinship' AND k.id = c.row_id AND k.recipient_id = NEW.recipient_id)"
)


def _reckoned(column: str, *times: str) -> str:
    corrected = " OR ".join(_applying("recovery", time, "") for time in times)
    return f"(OLD.{column} IS NOT NULL AND ({changed(column)}) AND NOT ({corrected}))"


GUARDS = (
    *(_facts_stay(noun, columns) for noun, columns in _HELD.items()),
    Guard(
        name="sex_of_infant_is_only_corrected",
        table="consent_infant",
        event="UPDATE",
        condition=(
            "OLD.sex <> 'unknown' AND NEW.sex <> OLD.sex AND NOT "
            + _applying("infant", "sex", " AND c.new_value = NEW.sex")
        ),
        message="The sex of an infant changes only by a correction that says so.",
    ),
    Guard(
        name="donation_stays_its_donors",
        table="inventory_donation",
        event="UPDATE",
        condition=f"({changed('donor_id', 'infant_id')}) AND NOT {_applying('donation', 'source', _OF_ITS_DONOR)}",
        message="A donation becomes another donor's only by a correction that says so.",
    ),
    Guard(
        name="recovery_rests_on_its_authorisation",
        table="inventory_recovery",
        event="UPDATE",
        condition=f"({changed('authorisation')}) AND NOT {_applying('donation', 'source', '', row='donation_id')}",
        message="A recovery rests on another authorisation only once its source is corrected.",
    ),
    Guard(
        name="ischaemia_follows_its_times",
        table="inventory_recovery",
        event="UPDATE",
        condition=" OR ".join(
            (
                _reckoned("warm_ischaemia_minutes", "died_at", "cross_clamp_at"),
                _reckoned("cold_ischaemia_minutes", "cross_clamp_at", "cold_ended_at"),
            )
        ),
        message="How long a liver was warm or cold changes only with the times that it is reckoned from.",
    ),
    Guard(
        name="placement_stays_where_it_was",
        table="inventory_placement",
        event="UPDATE",
        condition=(
            f"({changed('position_id')}) AND NOT "
            + _applying("placement", "position", " AND c.new_id = NEW.position_id")
        ),
        message="A placement written wrongly is only corrected; anything else is a move.",
    ),
    Guard(
        name="batch_is_used_when_its_run_was",
        table="inventory_batchuse",
        event="UPDATE",
        condition=f"({changed('used_at')}) AND NOT ({_OF_ITS_RUN} OR {_OF_ITS_BIRTH})",
        message="When a batch was used changes only by a correction of its run or collection.",
    ),
    Guard(
        name="device_is_used_when_its_run_was",
        table="inventory_equipmentuse",
        event="UPDATE",
        condition=f"({changed('used_from')}) AND NOT ({_OF_ITS_RUN})",
        message="When a device was used changes only by a correction of its run.",
    ),
    Guard(
        name="scores_follow_their_report",
        table="inventory_outcomescore",
        event="UPDATE",
        condition=f"NOT ({_OF_ITS_REPORT})",
        message="A score changes only with the report that it is computed from.",
    ),
    Guard(
        name="receipt_stays_as_written",
        table="inventory_receipt",
        event="UPDATE",
        condition=(
            changed("shipment_id", "unit_id", "sample_id", "received_at", "received_by_id")
            + f" OR (({changed('findings', 'decision', 'reason')}) AND NOT {_applying('receipt', 'findings', '')})"
        ),
        message="What was found at receipt is only corrected.",
    ),
    Guard(
        name="approval_stays_until_it_is_reopened",
        table="inventory_unitrequest",
        event="UPDATE",
        condition=(
            f"OLD.approval_id IS NOT NULL AND ({changed('approval_id', 'approved_at')})"
            " AND NOT (NEW.approval_id IS NULL AND NEW.approved_at IS NULL AND NEW.status = 'submitted'"
            f" AND ({_OF_THE_REQUEST} OR {_OF_ITS_RECIPIENT}))"
        ),
        message="An approval stays, unless what it rested on is corrected.",
    ),
    stays(
        "correction",
        (
            *("reference", "subject", "noun", "row_id", "field", "old_value", "new_value", "new_number", "new_time"),
            *("new_id", "reason", "needs_second", "asked_by_id", "asked_at"),
        ),
        ended_by="effective_at",
    ),
    status("correction", (("proposed", "applying"), ("proposed", "rejected"), ("applying", "in_effect"))),
    Guard(
        name="correction_of_a_fact_begins_open",
        table="inventory_correction",
        event="INSERT",
        condition=(
            "(NEW.noun <> 'result' AND NEW.status NOT IN ('proposed', 'applying'))"
            " OR (NEW.needs_second AND NEW.status <> 'proposed')"
        ),
        message="A correction that a verdict rests on is proposed, and confirmed by a second person.",
    ),
)
