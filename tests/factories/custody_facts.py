"""Facts of chain-of-custody documents: a plausible cryobag with as many entries as a test asks for."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from inventory.domain.custody import (
    Amount,
    Change,
    CustodyFacts,
    DonorConsent,
    Edition,
    EligibilityRow,
    EntryRow,
    Head,
    LineageRow,
    ResultRow,
    ShipmentRow,
    SignatureRow,
    UnitIdentity,
)
from tests.factories.time import NOON, days, hours

DIN = "A999926000123"
UNIT = f"{DIN}S1234VA0"
PEOPLE = (
    ("i.lukasiewicz", "Dr Ingrid Łukasiewicz-Núñez"),
    ("m.okafor", "Mmesoma Okafor"),
    ("t.bergstrom", "Tor Bergström"),
)
EVENTS = (
    ("unit.registered", (Change("state", "", "quarantined"), Change("volume_ml", "", "25.0"))),
    ("unit.placed", (Change("place", "", "BANK-1 / Tank 2 / Rack C / Box 4 / D07"),)),
    ("result.recorded", (Change("tnc", "", "1420000000"),)),
    ("result.verified", (Change("status", "entered", "verified"),)),
    ("unit.accepted", (Change("accepted_use", "", "human application"), Change("state", "quarantined", "available"))),
    ("unit.moved", (Change("place", "Tank 2 / Rack C / Box 4 / D07", "Tank 3 / Rack A / Box 1 / A01"),)),
)


def edition(**changed: Any) -> Edition:
    """An unsealed edition made by the quality reviewer at noon."""
    values: dict[str, Any] = {"reference": "RPT-7F3K9QXM", "generated_at": NOON, "generated_by": PEOPLE[0][1]}
    return Edition(**{**values, **changed})


def sealed(text: str) -> str:
    """A hash that stands for a seal."""
    return sha256(text.encode()).hexdigest()


def entry(number: int, **changed: Any) -> EntryRow:
    """One entry of the chain, events and people in turn."""
    kind, changes = EVENTS[number % len(EVENTS)]
    username, printed_name = PEOPLE[number % len(PEOPLE)]
    values: dict[str, Any] = {
        "number": number,
        "at": NOON - days(90) + hours(3.7 * number),
        "kind": kind,
        "username": username,
        "printed_name": printed_name,
        "place": "BANK-1 Lisbon Cord Blood Bank",
        "subjects": (DIN, UNIT, "DNR-5T2M8KQA"),
        "seal": sealed(str(number)),
        "changes": changes,
    }
    return EntryRow(**{**values, **changed})


def custody_facts(count: int = 12, **changed: Any) -> CustodyFacts:
    """Facts of an available cryobag with ``count`` entries: lineage, a donor, results, signatures, a shipment."""
    values: dict[str, Any] = {
        "bank": "Lisbon Cord Blood Bank",
        "time_zone": "Europe/Lisbon",
        "head": Head(count + 31, sealed("head"), NOON - timedelta(minutes=4)),
        "unit": unit_identity(),
        "lineage": lineage(),
        "donors": donors(),
        "eligibility": eligibility(),
        "specification": "CB-CLINICAL version 3, acceptance stage",
        "results": results(),
        "signatures": signatures(),
        "entries": tuple(entry(number) for number in range(1, count + 1)),
        "shipments": shipments(),
        "ledger_key_sha256": sealed("ledger key"),
    }
    return CustodyFacts(**{**values, **changed})


def unit_identity(**changed: Any) -> UnitIdentity:
    """The cryobag itself."""
    values: dict[str, Any] = {
        "code": UNIT,
        "din": DIN,
        "din_printed": "A9999 26 000123",
        "din_check": "S",
        "product_code": "S1234VA0",
        "product": "Cord blood",
        "kind": "cryobag",
        "state": "available",
        "place": "BANK-1 / Tank 3 / Rack A / Box 1 / A01",
        "origin": "own",
        "accepted_use": "human application",
        "expires": "2046-03-14 12:00:00 UTC",
        "identifiers": ("TUBE-0042 (Rack scanner)",),
        "amounts": (Amount("Volume", "25.0", "mL"), Amount("Total nucleated cells", "1420000000", "cells")),
    }
    return UnitIdentity(**{**values, **changed})


def lineage() -> tuple[LineageRow, ...]:
    """The donation and the collected bag."""
    return (
        LineageRow("donation", DIN, "birth", "unrelated", "", "", NOON - days(91)),
        LineageRow("parent", f"{DIN}S1000V00", "collected bag", "consumed", "104.5 mL", "HES", NOON - days(90)),
    )


def donors() -> tuple[DonorConsent, ...]:
    """One donor with a full consent in force."""
    return (
        DonorConsent(
            "DNR-5T2M8KQA",
            "CB-FULL version 4 (pt)",
            "given, in force",
            "Allowed for research on liver disease, human application granted, commercial use excluded.",
            NOON - days(95),
        ),
    )


def eligibility() -> tuple[EligibilityRow, ...]:
    """An eligible donor."""
    return (EligibilityRow("eligible", PEOPLE[0][1], NOON - days(60), sealed("evidence"), "in force"),)


def results() -> tuple[ResultRow, ...]:
    """Two results within their limits, one corrected."""
    by: dict[str, Any] = {"entered_by": PEOPLE[1][1], "entered_at": NOON - days(70)}
    verified: dict[str, Any] = {"verified_by": PEOPLE[2][1], "verified_at": NOON - days(69)}
    return (
        ResultRow(
            "unit",
            "Total nucleated cells",
            "1420000000",
            "cells",
            "≥ 500000000",
            "pass",
            **by,
            **verified,
            limit_mark="seen",
            limit_source="labels of licensed products",
        ),
        ResultRow(
            "unit",
            "Viability, CD45+",
            "91.2",
            "%",
            "≥ 85",
            "pass",
            **by,
            **verified,
            amended="corrected from 19.2 by entry 9",
            limit_mark="general",
            limit_source="after the guidance on licensed cord blood (2014)",
        ),
        ResultRow("unit", "CFU total", "not done", "", "mandatory", "unknown", **by),
    )


def signatures() -> tuple[SignatureRow, ...]:
    """Eligibility reviewed, unit accepted, release signed."""
    return (
        SignatureRow(PEOPLE[0][1], "reviewed", NOON - days(60), sealed("a"), "donor eligibility", "i.lukasiewicz"),
        SignatureRow(PEOPLE[1][1], "approved", NOON - days(50), sealed("b"), "acceptance of units", "m.okafor", 40),
        SignatureRow(PEOPLE[2][1], "released", NOON - days(2), sealed("c"), "release REL-3NQ7X2KD", "t.bergstrom"),
    )


def shipments() -> tuple[ShipmentRow, ...]:
    """The collection shipment, received."""
    return (
        ShipmentRow(
            "SHP-9WRT4H2M",
            "collection",
            "MAT-3 Maternidade Alfredo",
            "BANK-1 Lisbon Cord Blood Bank",
            "Medcourier",
            "box 14, logger 7781",
            NOON - days(91),
            NOON - days(91) + hours(1),
            NOON - days(90),
            PEOPLE[1][1],
        ),
    )
