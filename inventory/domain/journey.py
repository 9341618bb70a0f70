"""Journeys: the one table of what each kind may carry, from where to where, on which papers, and what it does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from biobank.domain.refusal import Reason
from biobank.domain.role import Permission
from biobank.domain.site import SiteKind
from biobank.domain.text import obstacles_to_texts
from inventory.domain.sample import SampleState
from inventory.domain.shipment import ShipmentKind, ShipmentRefused, Shipper
from inventory.domain.unit import Event, UnitState

# Contracted sites whose people do not work in this record: what they say they received, the bank's people write down.
RECORDED_BY_THE_BANK = frozenset({SiteKind.LABORATORY, SiteKind.PROCESSOR})
LONGEST = {"shipper_code": 32, "seal_code": 32, "logger_code": 32, "courier": 64}


@dataclass(frozen=True)
class Journey:
    """One row of the table.

    ``sends`` and ``receives`` say who may, ``states`` which units may be inside, ``samples`` whether loose samples may.
    Packing ``unshelves`` what is inside, unless it was picked before. Units in one of the states ``with_papers`` leave
    only with them. Handing over and receiving change a unit's state by ``leaves_by`` and ``arrives_by`` where there is
    one; what arrived is otherwise only held by another. At receipt each unit is stated, and each sample if
    ``counts_samples``.
    """

    routes: frozenset[tuple[SiteKind, SiteKind]]
    sends: Permission
    receives: Permission
    states: frozenset[UnitState]
    samples: bool = True
    unshelves: bool = True
    counts_samples: bool = False
    with_papers: frozenset[UnitState] = frozenset()
    leaves_by: Event | None = None
    arrives_by: Event | None = None


_K, _P = SiteKind, Permission
JOURNEYS: Mapping[ShipmentKind, Journey] = {
    ShipmentKind.COLLECTION: Journey(
        routes=frozenset({(_K.COLLECTION, _K.BANK)}),
        sends=_P.SEND_SHIPMENT,
        receives=_P.RECEIVE_COLLECTION,
        states=frozenset({UnitState.COLLECTED}),
        arrives_by=Event.RECEIVED_AT_BANK,
    ),
    ShipmentKind.TESTING: Journey(
        routes=frozenset({(_K.BANK, _K.LABORATORY), (_K.COLLECTION, _K.LABORATORY), (_K.LABORATORY, _K.BANK)}),
        sends=_P.SEND_SHIPMENT,
        receives=_P.RECEIVE_TRANSFER,
        states=frozenset(),
        counts_samples=True,
    ),
    ShipmentKind.TRANSFER: Journey(
        routes=frozenset({(_K.BANK, _K.BANK), (_K.BANK, _K.PROCESSOR), (_K.PROCESSOR, _K.BANK)}),
        sends=_P.SEND_SHIPMENT,
        receives=_P.RECEIVE_TRANSFER,
        states=frozenset({UnitState.QUARANTINED, UnitState.AVAILABLE}),
        counts_samples=True,
        with_papers=frozenset({UnitState.QUARANTINED}),
    ),
    ShipmentKind.RELEASE: Journey(
        routes=frozenset({(_K.BANK, _K.STUDY)}),
        sends=_P.SEND_SHIPMENT,
        receives=_P.RECEIVE_RELEASE,
        states=frozenset({UnitState.RELEASED}),
        samples=False,
        unshelves=False,
        leaves_by=Event.SHIPPED,
        arrives_by=Event.RECEIVED,
    ),
    # Packed by another bank under its own papers: nothing of it is in this record before it has come.
    ShipmentKind.INBOUND: Journey(
        routes=frozenset({(_K.OTHER_BANK, _K.BANK)}),
        sends=_P.RECEIVE_TRANSFER,
        receives=_P.RECEIVE_TRANSFER,
        states=frozenset(),
        samples=False,
        arrives_by=Event.TAKEN_IN,
    ),
}


@dataclass(frozen=True)
class ItemFacts:
    """One unit or reference sample of a shipment, as the record has it.

    ``holder`` is the code of who has it; it ``lies_in`` a position, is ``packed_in`` a shipment that has not ended, and
    ``attached_to`` its bag. Whether it was picked or is held matters to a release.
    """

    code: str
    state: UnitState | SampleState
    holder: str
    picked: bool = False
    held: bool = False
    frozen: bool = False
    lies_in: str = ""
    packed_in: str = ""
    attached_to: str = ""


@dataclass(frozen=True)
class PackingFacts:
    """What is packed and how: ``from_`` and ``to`` are the codes of two sites of these kinds."""

    kind: ShipmentKind
    shipper: Shipper
    from_: str
    to: str
    route: tuple[SiteKind, SiteKind]
    items: tuple[ItemFacts, ...]
    logger_code: str = ""
    release: str = ""
    released_units: frozenset[str] = frozenset()
    shipper_code: str = ""
    seal_code: str = ""
    courier: str = ""


def obstacles_to_packing(facts: PackingFacts) -> list[Reason]:
    """Return every reason why this cannot be packed."""
    row = JOURNEYS[facts.kind]
    reasons = [*_of_route(facts, row), *_of_vessel(facts), *obstacles_to_texts(LONGEST, vars(facts))]
    for item in facts.items:
        reasons += _of_item(item, facts, row)
    return [*reasons, *(_of_release(facts) if facts.kind is ShipmentKind.RELEASE else [])]


def check_packing(facts: PackingFacts, besides: Collection[Reason] = ()) -> None:
    """Raise ``ShipmentRefused`` with every obstacle to packing, and these ``besides``."""
    if reasons := [*obstacles_to_packing(facts), *besides]:
        raise ShipmentRefused("This shipment cannot be packed as stated.", reasons=reasons)


def obstacles_to_hand_over(
    kind: ShipmentKind, items: Collection[ItemFacts], *, said: Mapping[str, str], true: Mapping[str, str]
) -> list[Reason]:
    """Return every reason why what is inside does not leave.

    ``said`` and ``true`` are, by unit code, the hash of what the enclosed papers say and of what they would say now.
    """
    row, reasons = JOURNEYS[kind], obstacles_to_leaving({item.code: item.lies_in for item in items if item.lies_in})
    if not items:
        reasons.append(Reason("Nothing is left inside.", "empty", "items"))
    for item in items:
        if not _may_carry(item, row):
            reasons.append(Reason(f"{item.code} is {item.state.value}.", "state", "items"))
        elif item.state in row.with_papers and item.code not in said:
            text = f"{item.code} is in quarantine and leaves only with its papers."
            reasons.append(Reason(text, "no-papers", "papers"))
        elif item.state in row.with_papers and said[item.code] != true[item.code]:
            text = f"The papers of {item.code} no longer say what is true: enclose them anew."
            reasons.append(Reason(text, "stale-papers", "papers"))
    return reasons


def obstacles_to_leaving(places: Mapping[str, str]) -> list[Reason]:
    """Return what still lies in a position of the bank, by code, and so cannot be packed or handed over."""
    return [Reason(f"{code} lies in {place}.", "in-position", "items") for code, place in sorted(places.items())]


def obstacles_to_stating(
    sent: frozenset[str], stated: frozenset[str], *, missing: frozenset[str] = frozenset()
) -> list[Reason]:
    """Return what is left unsaid of what was sent, or said of what was not; what is ``missing`` is said to be."""
    both, said = stated & missing, stated | missing
    return [
        *(Reason(f"{code} was sent and did not come.", "missing", "items") for code in sorted(sent - said)),
        *(Reason(f"{code} came and was not sent.", "unexpected", "items") for code in sorted(said - sent)),
        *(Reason(f"{code} is said to have come and to be missing.", "both", "items") for code in sorted(both)),
    ]


def obstacles_to_receiver(
    to: tuple[str, SiteKind], of: tuple[str, SiteKind] | None, *, field: str = "shipment"
) -> list[Reason]:
    """Return why what goes ``to`` one site is not received by somebody ``of`` another; sites by code and kind."""
    here, there = of or ("no site", None), to
    if here == there or (here[1] is SiteKind.BANK and there[1] in RECORDED_BY_THE_BANK):
        return []
    text = f"It is for {there[0]} and is received by people of {there[0]}; this is somebody of {here[0]}."
    return [Reason(text, "other-site", field)]


def obstacles_to_acting(site: str, of: tuple[str, SiteKind] | None, *, field: str) -> list[Reason]:
    """Return why somebody ``of`` another site neither sends from a site nor tells what it did or knows.

    Its own people do, or the bank's for them.
    """
    here = of or ("no site", None)
    if here[0] == site or here[1] is SiteKind.BANK:
        return []
    text = f"That is for people of {site}, or the bank's for them; this is somebody of {here[0]}."
    return [Reason(text, "other-site", field)]


def obstacles_to_receiving(*, handed_over_at: datetime | None, is_open: bool, received_at: datetime) -> list[Reason]:
    """Return why nothing of a shipment can be received now: never sent, received before, or in the wrong order."""
    if handed_over_at is None or received_at < handed_over_at:
        return [Reason("It is not on its way: it cannot be received before it was handed over.", "times", "shipment")]
    if not is_open:
        return [Reason("It is not on its way: it was received already.", "received", "shipment")]
    return []


def _may_carry(item: ItemFacts, row: Journey) -> bool:
    if isinstance(item.state, SampleState):
        return row.samples and item.state is SampleState.STORED
    return item.state in row.states


def _of_item(item: ItemFacts, facts: PackingFacts, row: Journey) -> list[Reason]:
    checks = (
        (_may_carry(item, row), f"{item.code} is {item.state.value}.", "state"),
        (item.holder == facts.from_, f"{item.code} is at {item.holder}, not here.", "not-here"),
        (not item.packed_in, f"{item.code} is packed in {item.packed_in}.", "packed"),
        (not item.attached_to, f"{item.code} is attached to {item.attached_to} and goes where that goes.", "attached"),
        (row.unshelves or not item.lies_in, f"{item.code} lies in {item.lies_in}.", "in-position"),
    )
    return [Reason(text, code, "items") for holds, text, code in checks if not holds]


def _of_route(facts: PackingFacts, row: Journey) -> list[Reason]:
    kind, (from_, to) = facts.kind.value, facts.route
    codes = [item.code for item in facts.items]
    checks = (
        (bool(facts.items), "A shipment holds something.", "empty", "items"),
        (facts.from_ != facts.to, "A shipment goes to another site.", "same-site", "to_site"),
        (
            facts.route in row.routes or facts.from_ == facts.to,
            f"A shipment of the kind {kind} does not go from a {from_.value} to a {to.value} site.",
            "route",
            "to_site",
        ),
        (len(set(codes)) == len(codes), "A unit or sample is in a shipment once.", "twice", "items"),
        (
            bool(facts.release) is (facts.kind is ShipmentKind.RELEASE),
            "A release shipment, and no other, has a release.",
            "release",
            "release",
        ),
    )
    return [Reason(text, code, field) for holds, text, code, field in checks if not holds]


def _of_vessel(facts: PackingFacts) -> list[Reason]:
    frozen = any(item.frozen for item in facts.items)
    dry = facts.shipper is Shipper.DRY_SHIPPER
    checks = (
        (dry or not frozen, "What is frozen travels in a dry shipper.", "no-dry-shipper", "shipper"),
        (
            bool(facts.logger_code.strip()) or not (dry or frozen),
            "A dry shipper travels with a temperature logger.",
            "no-logger",
            "logger_code",
        ),
        (bool(facts.shipper_code.strip()), "Say which shipper it travels in.", "missing", "shipper_code"),
        (bool(facts.seal_code.strip()), "Say by which seal it is shut.", "missing", "seal_code"),
        (bool(facts.courier.strip()), "Say which courier takes it.", "missing", "courier"),
    )
    return [Reason(text, code, field) for holds, text, code, field in checks if not holds]


def _of_release(facts: PackingFacts) -> list[Reason]:
    items, packed = facts.items, frozenset(item.code for item in facts.items)
    reasons = [Reason(f"{item.code} has not been picked.", "not-picked", "items") for item in items if not item.picked]
    reasons += [Reason(f"{item.code} is on hold.", "held", "items") for item in items if item.held]
    reasons += [
        Reason(f"{code} is not of this release.", "not-released", "items")
        for code in sorted(packed - facts.released_units)
    ]
    return [
        *reasons,
        *(
            Reason(f"{code} of this release is not packed.", "not-packed", "items")
            for code in sorted(facts.released_units - packed)
        ),
    ]
