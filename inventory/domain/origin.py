"""Origins: what comes from another bank or another system, and how its donors are known again without their codes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.site import SiteKind
from inventory.domain.din import Din
from inventory.domain.journey import JOURNEYS
from inventory.domain.shipment import ShipmentKind
from inventory.domain.unit import Origin

# Crockford's base 32: without I, L, O and U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class NotTakenIn(RuleViolation):
    """Units of another bank cannot be taken in as stated."""

    code = "not-taken-in"
    title = "The units were not taken in"
    mend = "Correct what is named and receive them again; nothing was recorded."


@dataclass(frozen=True, kw_only=True)
class ForeignFacts:
    """One unit of another bank as its label and papers say; ``donor`` is the key under which we know its donor."""

    code: str
    din: Din
    donor: str
    collected_at: datetime | None
    frozen_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class InboundFacts:
    """What came, from where to where, and when it left there."""

    route: tuple[SiteKind, SiteKind]
    units: Sequence[ForeignFacts]
    handed_over_at: datetime


@dataclass(frozen=True, kw_only=True)
class KnownFacts:
    """What the record has: unit codes taken, and of each DIN on record its origin and donor key; own facilities."""

    codes: frozenset[str]
    donations: Mapping[str, tuple[Origin, str]]
    facilities: frozenset[str]


def donor_key(issuer: str, *parts: str) -> str:
    """Return the key under which a donor of another system is known here: it tells nothing of the code it is made of.

    The same donor in a later delivery or file has the same key, and so stays one donor.
    """
    return sha256("\x00".join((issuer, *parts)).encode()).hexdigest()


def code_of_source(issuer: str, code: str) -> str:
    """Return the code of a donation that the bank knows only by another system's code.

    It follows from that code, so that tubes of the same source in another file come under the same donor.
    """
    number = int.from_bytes(sha256(f"{issuer}\x00{code}".encode()).digest()[:10])
    return "DON-" + "".join(ALPHABET[number >> shift & 31] for shift in range(75, -5, -5))


def obstacles_to_taking_in(facts: InboundFacts, known: KnownFacts, *, at: datetime) -> list[Reason]:
    """Return everything that keeps units of another bank from being registered here."""
    reasons = []
    if facts.route not in JOURNEYS[ShipmentKind.INBOUND].routes:
        reasons.append(Reason("Units come from another bank to this one.", "route", "from_site"))
    if not facts.units:
        reasons.append(Reason("Nothing was received.", "empty", "units"))
    if facts.handed_over_at > at:
        reasons.append(Reason("They cannot have left there in the future.", "future", "handed_over_at"))
    counted = Counter(unit.code for unit in facts.units)
    reasons += [Reason(f"{code} is stated twice.", "twice", "units") for code, times in counted.items() if times > 1]
    donors: dict[str, str] = {}
    for unit in facts.units:
        if donors.setdefault(unit.din.text, unit.donor) != unit.donor:
            reasons.append(Reason(f"{unit.din} is said to be of two donors.", "two-donors", "donor"))
        reasons += [*_of_number(unit, known), *_of_times(unit, facts)]
    return reasons


def check_taking_in(facts: InboundFacts, known: KnownFacts, *, at: datetime) -> None:
    """Raise ``NotTakenIn`` with every reason why these units cannot be registered."""
    if reasons := obstacles_to_taking_in(facts, known, at=at):
        raise NotTakenIn("The units cannot be taken in as stated.", reasons=reasons)


def _of_number(unit: ForeignFacts, known: KnownFacts) -> list[Reason]:
    """A number of another facility is kept as it is; one of ours is on somebody else's bag by mistake."""
    reasons = []
    origin, donor = known.donations.get(unit.din.text, (None, unit.donor))
    if origin is Origin.OWN:
        reasons.append(Reason(f"{unit.din} is the number of a donation of this bank's own.", "own-din", "din"))
    elif unit.din.facility in known.facilities:
        text = f"{unit.din} carries this bank's own facility number, and the bank has no such donation."
        reasons.append(Reason(text, "own-facility", "din"))
    elif origin is not None and donor != unit.donor:
        reasons.append(Reason(f"{unit.din} is on record of another donor.", "other-donor", "donor"))
    if unit.code in known.codes:
        reasons.append(Reason(f"{unit.code} is registered already.", "code-taken", "units"))
    return reasons


def _of_times(unit: ForeignFacts, facts: InboundFacts) -> list[Reason]:
    told = [each for each in (unit.collected_at, unit.frozen_at, facts.handed_over_at) if each is not None]
    if told == sorted(told):
        return []
    return [Reason(f"{unit.code}: collection, freezing and departure are not in this order.", "times", "collected_at")]
