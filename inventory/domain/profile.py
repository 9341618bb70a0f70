"""Specification profiles: limits to draft from, each with the mark of its source, and what a bank changes of them.

The shipped ones stand in ``data/specifications.csv``. A profile is named after what it resembles (``FACT-like``) and
copies no standard; where each number is from is said in ``docs/sources.md``.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from biobank.domain.refusal import Reason, RuleViolation
from biobank.domain.text import obstacles_to_text
from inventory.domain.assay import in_words
from inventory.domain.specification import Limit, Operator, SampleSource, Stage, obstacles_to_limit
from inventory.domain.unit import ProductClass, Use

LONGEST_SOURCE = 200


class Mark(StrEnum):
    """How far a limit can be relied on.

    ``SEEN`` was read in the source named. ``GENERAL`` is common knowledge of the field, unverified: to be checked
    first. ``DESIGN`` is recommended by this project and by no standard. ``BANK`` is the bank's own.
    """

    SEEN = "seen"
    GENERAL = "general"
    DESIGN = "design"
    BANK = "bank"


@dataclass(frozen=True)
class Provenance:
    """Where a limit comes from: its mark, and the source in words."""

    mark: Mark
    source: str


@dataclass(frozen=True)
class MarkedLimit:
    """A limit with where it comes from, as it is stored, signed and shown."""

    limit: Limit
    provenance: Provenance


@dataclass(frozen=True)
class Profile:
    """A specification to draft from: what it is for, where it comes from as a whole, and its limits.

    A ``starter`` may be put in force as it is together with the other starters: there is one per product and use.
    """

    name: str
    product_class: ProductClass
    use: Use
    source: str
    marked: tuple[MarkedLimit, ...]
    starter: bool = False

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits, in order."""
        return tuple(each.limit for each in self.marked)

    @property
    def marks(self) -> tuple[Provenance, ...]:
        """Where each limit comes from, in the order of the limits."""
        return tuple(each.provenance for each in self.marked)


@dataclass(frozen=True)
class LimitChange:
    """What a bank changes: a limit in place of an ``old`` one; added, where there is no old; left out, without new."""

    old: Limit | None = None
    new: Limit | None = None
    source: str = ""


class NoSuchProfile(RuleViolation):
    code = "no-such-profile"
    title = "There is no such profile"
    mend = "Choose one of the profiles that are shipped. Nothing was drafted."


def profiles() -> tuple[Profile, ...]:
    """The profiles that a new bank may put in force as they are: one per product class and use."""
    return tuple(profile for profile in shipped_profiles().values() if profile.starter)


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """Every shipped profile by its name, in the order of the file."""
    text = files("inventory").joinpath("data/specifications.csv").read_text(encoding="utf-8")
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        rows.setdefault(row["name"], []).append(row)
    return {name: _profile(group) for name, group in rows.items()}


def profile_named(name: str) -> Profile:
    """Return the shipped profile of this name. Raises ``NoSuchProfile``."""
    if name not in shipped_profiles():
        raise NoSuchProfile(f"No profile “{ascii(name[:64])[1:-1]}” is shipped.", field="profile")
    return shipped_profiles()[name]


def obstacles_to_limits(limits: Sequence[Limit]) -> list[Reason]:
    """Return why these limits cannot be drafted together: none at all, one that can judge nothing, one said twice."""
    if not limits:
        return [Reason("There is no limit.", "no-limit", "limits")]
    said = Counter((limit.stage, limit.assay, limit.taken_from, limit.operator) for limit in limits)
    reasons = [Reason(why, "limit", "limits") for limit in limits for why in obstacles_to_limit(limit)]
    return reasons + [
        Reason(f"{in_words(assay)} is limited twice alike at {stage.value}.", "twice", "limits")
        for (stage, assay, _, _), times in said.items()
        if times > 1
    ]


def obstacles_to_changes(profile: Profile, changes: Sequence[LimitChange]) -> list[Reason]:
    """Return why these changes cannot be made to a profile; whatever a bank puts in says where it comes from."""
    reasons = []
    for change in changes:
        if change.old is None and change.new is None:
            reasons.append(Reason("A change names no limit.", "no-change", "changes"))
        if change.old is not None and change.old not in profile.limits:
            why = f"{in_words(change.old.assay)} at {change.old.stage.value} is not limited so in {profile.name}."
            reasons.append(Reason(why, "not-there", "changes"))
        reasons += obstacles_to_text(change.source, "source", longest=LONGEST_SOURCE, needed=change.new is not None)
    olds = [change.old for change in changes if change.old is not None]
    if len(olds) != len(set(olds)):
        reasons.append(Reason("One limit is changed twice.", "twice", "changes"))
    return reasons


def revised(profile: Profile, changes: Sequence[LimitChange]) -> Profile:
    """Return a profile with changes made; a changed limit keeps its place, and is the bank's own from now on."""
    replaced = {change.old: change for change in changes if change.old is not None}
    kept = [new for each in profile.marked for new in _in_place_of(each, replaced)]
    added = [new for change in changes if change.old is None for new in _put_in(change)]
    return replace(profile, marked=(*kept, *added))


def _in_place_of(marked: MarkedLimit, replaced: Mapping[Limit, LimitChange]) -> list[MarkedLimit]:
    return _put_in(replaced[marked.limit]) if marked.limit in replaced else [marked]


def _put_in(change: LimitChange) -> list[MarkedLimit]:
    return [] if change.new is None else [MarkedLimit(change.new, Provenance(Mark.BANK, change.source))]


def _profile(rows: Sequence[Mapping[str, str]]) -> Profile:
    first = rows[0]
    return Profile(
        name=first["name"],
        product_class=ProductClass(first["product_class"]),
        use=Use(first["use"]),
        source=first["source"],
        marked=tuple(MarkedLimit(_limit(row), Provenance(Mark(row["mark"]), row["limit_source"])) for row in rows),
        starter=first["starter"] == "yes",
    )


def _limit(row: Mapping[str, str]) -> Limit:
    return Limit(
        stage=Stage(row["stage"]),
        assay=row["assay"],
        operator=Operator(row["operator"]),
        limit=Decimal(row["limit"]) if row["limit"] else None,
        words=tuple(row["words"].split("|")) if row["words"] else (),
        taken_from=SampleSource(row["taken_from"]),
        mandatory=row["mandatory"] == "yes",
    )
