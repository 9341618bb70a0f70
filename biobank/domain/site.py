"""Places: their kinds, and what makes the description of one fit."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import ClassVar
from zoneinfo import available_timezones

from biobank.domain.refusal import Reason, RuleViolation

CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", re.ASCII)
COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
LONGEST_CODE = 32


class SiteKind(StrEnum):
    BANK = "bank"
    COLLECTION = "collection"
    STUDY = "study"
    LABORATORY = "laboratory"
    PROCESSOR = "processor"
    OTHER_BANK = "other_bank"


@dataclass(frozen=True)
class NewSite:
    """A site as described; the time zone is an IANA name, the country an ISO 3166-1 code of two letters."""

    code: str
    name: str
    kind: SiteKind
    time_zone: str
    country: str
    address: str = ""


class UnfitSite(RuleViolation):
    code: ClassVar[str] = "unfit-site"
    title: ClassVar[str] = "Site cannot be registered"
    mend = "Correct what is named and register the site again."


class SiteCodeTaken(RuleViolation):
    code: ClassVar[str] = "site-code-taken"
    title: ClassVar[str] = "Site code taken"
    mend = "Choose another code."


@cache
def time_zones() -> AbstractSet[str]:
    """Return the IANA names that this machine knows; reading them walks a tree of files."""
    return frozenset(available_timezones())


def check_time_zone(name: str) -> None:
    """Refuse a time zone that is not in the IANA list."""
    if name not in time_zones():
        raise UnfitSite("The time zone is not an IANA name such as Europe/Berlin.", field="time_zone")


def check_site(new: NewSite) -> None:
    """Refuse a description with anything unfit in it, naming all of it."""
    if reasons := obstacles_to_registering(new):
        raise UnfitSite("The site cannot be registered.", reasons=reasons)


def obstacles_to_registering(new: NewSite) -> list[Reason]:
    """Return everything unfit about the description of a site."""
    reasons = []
    if len(new.code) > LONGEST_CODE or not CODE.fullmatch(new.code):
        reasons.append(Reason("A site code has up to 32 capitals, digits and single hyphens.", field="code"))
    if not new.name.strip():
        reasons.append(Reason("A site has a name.", field="name"))
    if new.time_zone not in time_zones():
        reasons.append(Reason("The time zone is not an IANA name such as Europe/Berlin.", field="time_zone"))
    if not COUNTRY.fullmatch(new.country):
        reasons.append(Reason("The country is two capitals, such as DE.", field="country"))
    return reasons
