"""What is signed of a release: the request, and the facts and verdicts of each of its units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from biobank.domain.ledger import canonical_json
from biobank.domain.refusal import RuleViolation
from inventory.domain.alike import alike, together, without
from inventory.domain.finding import Finding, Gate
from inventory.domain.gate import snapshot
from inventory.domain.gate_facts import GateFacts
from inventory.domain.verdict import Outcome


class NotAsSigned(RuleViolation):
    code = "not-as-signed"
    title = "The facts are no longer those of the evaluation"
    mend = "Evaluate the release again, look at what has changed, and have both people sign anew."


class ReleaseNotStanding(RuleViolation):
    code = "release-not-standing"
    title = "The release is past that"
    mend = "Open the request and look at its release: somebody may have changed it since the page was loaded."


@dataclass(frozen=True)
class EvaluatedUnit:
    """One unit's facts with what the nine gates answered."""

    facts: GateFacts
    findings: tuple[Finding, ...]

    @property
    def code(self) -> str:
        """The unit's code."""
        return self.facts.unit.code

    def without_people(self) -> tuple[Finding, ...]:
        """The findings before anybody signs: who may sign is asked at each signature."""
        nobody = Finding(Gate.PEOPLE, Outcome.PASS, "asked at each signature")
        return (*(finding for finding in self.findings if finding.gate is not Gate.PEOPLE), nobody)


def release_snapshot(request: Mapping[str, object], units: Iterable[EvaluatedUnit]) -> dict[str, object]:
    """Return what both people sign: nothing in it depends on when, or by whom, it was evaluated."""
    content: list[Mapping[str, Any]] = []
    vials: dict[str, list[Mapping[str, Any]]] = {}
    for unit in sorted(units, key=lambda each: each.code):
        written = snapshot(unit.findings, _of_its_own(unit.facts))
        if unit.facts.lot is None:
            content.append(written)
        else:
            vials.setdefault(unit.facts.lot.code, []).append(written)
    return {**request, "units": content, **({"lots": [_lot(*each) for each in sorted(vials.items())]} if vials else {})}


def units_in(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a snapshot says of each of its units, whole, be it a vial of a lot or not."""
    units = [dict(unit) for unit in content["units"]]
    for lot in content.get("lots", ()):
        units += [_in_order(together(vial, lot["all"])) for vial in lot["vials"]]
    return units


def _in_order(vial: dict[str, Any]) -> dict[str, Any]:
    return {**vial, "gates": sorted(vial["gates"], key=lambda finding: finding["gate"])}


def _lot(code: str, vials: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Write what all vials of a lot have alike once, and of each what is its own."""
    known = alike(vials)
    known.pop("unit", None)
    return {"lot": code, "all": known, "vials": [without(vial, known) for vial in vials]}


def is_as_signed(signed: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether an issued release still rests on what was signed: the request's words, each unit's facts and verdicts.

    The reservation is left out: it runs out before release only, so its end is signed and no more a fact afterwards.
    Gate 7 asks it anew.
    """
    return canonical_json(_without_reservations(signed)) == canonical_json(_without_reservations(now))


def _without_reservations(content: Mapping[str, Any]) -> dict[str, Any]:
    units = [
        {**unit, "facts": {name: fact for name, fact in unit["facts"].items() if name != "reservation"}}
        for unit in units_in(content)
    ]
    return {**{name: said for name, said in content.items() if name != "lots"}, "units": units}


def _of_its_own(facts: GateFacts) -> GateFacts:
    """Leave out how much of the study's caps other requests take: that moves without this release changing.

    Gate 8 asks the caps anew at every step; its verdict is in the snapshot.
    """
    if facts.protocol is None:
        return facts
    return replace(facts, protocol=replace(facts.protocol, caps=()))
