"""What is said at a receipt beside the items themselves: missing, extra, seal and logger; and the doubts it raises."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from hashlib import sha256

from biobank.domain.refusal import Reason
from biobank.domain.site import SiteKind
from biobank.domain.text import obstacles_to_text
from biobank.models.person import Person
from biobank.models.site import Site
from inventory.domain.hold import HoldKind
from inventory.domain.journey import (
    JOURNEYS,
    obstacles_to_acting,
    obstacles_to_receiver,
    obstacles_to_receiving,
    obstacles_to_stating,
)
from inventory.domain.sample import SampleState
from inventory.domain.shipment import (
    LoggerFacts,
    ShipmentKind,
    ShipmentRefused,
    Shipper,
    kept_frozen,
    obstacles_to_logger,
    obstacles_to_temperature,
    why_not_kept_frozen,
)
from inventory.domain.unit import FINAL, UnitState
from inventory.models.sample import ReferenceSample
from inventory.models.shipment import Shipment
from inventory.models.unit import Unit
from inventory.queries.item import Item, items_read
from inventory.queries.journey import is_frozen
from inventory.queries.shipment import Loaded, shipment_of_logger_file
from inventory.services.hold import NewHold, place_holds
from inventory.services.vessel import find_vessel, obstacles_to_vessel

LONGEST_CODE = 64
UNSAID = "State every item of the shipment once, as it was found, or say that it is missing. Nothing was saved."


@dataclass(frozen=True, kw_only=True)
class LoggerFile:
    """The file of a temperature logger, and what was read from it."""

    content: bytes
    logger_code: str
    first_at: datetime
    last_at: datetime
    coldest_celsius: Decimal
    warmest_celsius: Decimal

    @cached_property
    def content_sha256(self) -> str:
        """The hash of its bytes, by which it is known."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Besides:
    """What is said of a shipment as a whole: what is missing (by id), what came unsent (as read), seal, temperature.

    Where there is a logger's file, it says how warm it was.
    """

    missing_units: frozenset[int] = frozenset()
    missing_samples: frozenset[int] = frozenset()
    extra: tuple[str, ...] = ()
    seal_intact: bool = True
    warmest_celsius: Decimal | None = None
    logger: LoggerFile | None = None


@dataclass(frozen=True)
class Travelled:
    """What was sent, sorted: what came, what is missing, what ended on the way; and how warm it was, as far as known.

    ``unproven`` says why the logger's word does not count, if it does not.
    """

    units: list[Unit]
    samples: list[ReferenceSample]
    missing: list[Item]
    over: list[Item]
    warmest_celsius: Decimal | None
    unproven: str = ""


def check_arrival(
    loaded: Loaded, units: Collection[int], samples: Collection[int], besides: Besides, *, by: Person, at: datetime
) -> Travelled:
    """Return what was sent, sorted as stated.

    Raises ``ShipmentRefused`` with everything unsaid, or said wrongly, and for somebody of another site.
    """
    shipment = loaded.shipment
    travelled = _sorted(loaded, besides, at=at)
    named = obstacles_of_another_site(shipment.to_site, by) or obstacles_to_receiving(
        handed_over_at=shipment.handed_over_at,
        is_open=shipment.received_at is None or bool(loaded.units or loaded.samples),
        received_at=at,
    )
    if named:
        raise ShipmentRefused(f"{shipment.reference} cannot be received.", reasons=named, field="shipment")
    reasons = [
        *_of_items(loaded, travelled, units, samples, besides),
        *_of_logger(shipment, besides, at=at),
        *obstacles_to_temperature(besides.warmest_celsius),
        *(each for code in besides.extra for each in _of_code(code)),
    ]
    if reasons:
        raise ShipmentRefused(f"{shipment.reference} cannot be received as stated.", reasons=reasons, mend=UNSAID)
    return travelled


def obstacles_of_another_site(to: Site, by: Person, *, field: str = "shipment") -> list[Reason]:
    """Return why this person does not receive what goes to a site: it is received by its own people."""
    return obstacles_to_receiver(_place(to), _place(by.site) if by.site else None, field=field)


def obstacles_to_acting_for(site: Site, by: Person, *, field: str) -> list[Reason]:
    """Return why this person neither sends from a site nor writes down what it says that it did, or knows."""
    return obstacles_to_acting(site.code, _place(by.site) if by.site else None, field=field)


def read_extra(travelled: Travelled, besides: Besides) -> dict[Item, str]:
    """Return the doubt about each thing that came and was not sent; a code that names nothing is only recorded.

    Raises ``ShipmentRefused`` for what was sent: that is stated among the items.
    """
    sent = {thing.code for thing in (*travelled.units, *travelled.samples, *travelled.missing)}
    found = [item for items in items_read(besides.extra).values() for item in items]
    if twice := sorted(item.code for item in found if item.code in sent):
        reasons = [Reason(f"{code} was sent: state it among the items.", "sent", "extra") for code in twice]
        raise ShipmentRefused("It cannot be received as stated.", reasons=reasons)
    return dict.fromkeys(found, "came and was not sent")


def doubts_of(travelled: Travelled, besides: Besides, own: Mapping[str, str]) -> dict[Item, str]:
    """Return why each thing is in doubt: found otherwise, under a broken seal, warm, or not there at all."""
    doubts: dict[Item, str] = {}
    came: list[Item] = [*travelled.units, *travelled.samples]
    for thing in came:
        said = [own.get(thing.code, "")]
        if not besides.seal_intact:
            said.append("the seal of the shipment was broken")
        if is_frozen(thing) and not kept_frozen(travelled.warmest_celsius):
            said.append(why_not_kept_frozen(travelled.warmest_celsius))
        if is_frozen(thing):
            said.append(travelled.unproven)
        if why := "; ".join(filter(None, said)):
            doubts[thing] = why
    return {**doubts, **dict.fromkeys(travelled.missing, "was sent and did not come")}


def hold_doubts(shipment: Shipment, doubts: Mapping[Item, str], *, by: Person, at: datetime) -> None:
    """Place a hold on exactly the things in doubt."""
    news = [
        NewHold(
            kind=HoldKind.RECEIPT,
            reason=f"{shipment.reference}: {why}"[:500],
            unit_id=thing.pk if isinstance(thing, Unit) else None,
            sample_id=thing.pk if isinstance(thing, ReferenceSample) else None,
        )
        for thing, why in doubts.items()
    ]
    if news:
        place_holds(news, by=by, at=at)


def _place(site: Site) -> tuple[str, SiteKind]:
    return site.code, SiteKind(site.kind)


def _sorted(loaded: Loaded, besides: Besides, *, at: datetime) -> Travelled:
    over: list[Item] = [unit for unit in loaded.units if UnitState(unit.state) in FINAL]
    over += [sample for sample in loaded.samples if sample.state != SampleState.STORED]
    units = [unit for unit in loaded.units if unit not in over]
    samples = [sample for sample in loaded.samples if sample not in over]
    missing: list[Item] = [unit for unit in units if unit.pk in besides.missing_units]
    missing += [sample for sample in samples if sample.pk in besides.missing_samples]
    return Travelled(
        [unit for unit in units if unit.pk not in besides.missing_units],
        [sample for sample in samples if sample.pk not in besides.missing_samples],
        missing,
        over,
        besides.logger.warmest_celsius if besides.logger else besides.warmest_celsius,
        _unproven(loaded.shipment, at=at),
    )


def _unproven(shipment: Shipment, *, at: datetime) -> str:
    """Return why the logger's word does not count: its calibration ended on the way."""
    if shipment.handed_over_at is None:
        return ""
    logger = find_vessel(Shipper.BOX, "", shipment.logger_code)
    reasons = obstacles_to_vessel(logger, from_=shipment.handed_over_at, until=at)
    return " ".join(reason.text for reason in reasons)


def _of_items(
    loaded: Loaded, travelled: Travelled, units: Collection[int], samples: Collection[int], besides: Besides
) -> list[Reason]:
    counts = JOURNEYS[ShipmentKind(loaded.shipment.kind)].counts_samples
    sent = _codes([*travelled.units, *(travelled.samples if counts else ())])
    missing = _codes(travelled.missing)
    unit_ids, sample_ids = {*units, *besides.missing_units}, {*samples, *besides.missing_samples}
    named_units = _codes_of(unit_ids, Unit, loaded.units)
    named_samples = _codes_of(sample_ids, ReferenceSample, loaded.samples)
    stated = {named_units[pk] for pk in units if pk in named_units}
    stated |= {named_samples[pk] for pk in samples if pk in named_samples}
    said_missing = {named_units[pk] for pk in besides.missing_units if pk in named_units}
    said_missing |= {named_samples[pk] for pk in besides.missing_samples if pk in named_samples}
    reasons = obstacles_to_stating(sent | missing, frozenset(stated), missing=frozenset(said_missing))
    if len(named_units) + len(named_samples) < len(unit_ids) + len(sample_ids):
        reasons.append(Reason("A unit or sample stated does not exist.", "unknown", "items"))
    return reasons


def _codes_of(
    ids: set[int], model: type[Unit] | type[ReferenceSample], inside: Sequence[Unit | ReferenceSample]
) -> dict[int, str]:
    """Return, by id, the code of each thing named that exists; only a stranger to the shipment is looked up."""
    known = {thing.pk: thing.code for thing in inside if thing.pk in ids}
    return known | dict(model.objects.filter(pk__in=ids - set(known)).values_list("pk", "code"))


def _of_logger(shipment: Shipment, besides: Besides, *, at: datetime) -> list[Reason]:
    file = besides.logger
    if file is None or shipment.handed_over_at is None:
        return []
    facts = LoggerFacts(
        logger_code=file.logger_code,
        first_at=file.first_at,
        last_at=file.last_at,
        coldest_celsius=file.coldest_celsius,
        warmest_celsius=file.warmest_celsius,
        used_for=shipment_of_logger_file(file.content_sha256),
    )
    return obstacles_to_logger(
        facts, travelled_with=shipment.logger_code, handed_over_at=shipment.handed_over_at, received_at=at
    )


def _of_code(code: str) -> list[Reason]:
    return obstacles_to_text(code, "extra", longest=LONGEST_CODE, needed=True)


def _codes(things: Collection[Item]) -> frozenset[str]:
    return frozenset(thing.code for thing in things)
