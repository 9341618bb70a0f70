"""The gate panel of a unit: the nine gates as they are now, or, of what has left, as they were signed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.domain.finding import Finding, Gate
from inventory.domain.snapshot import units_in
from inventory.domain.verdict import Outcome
from inventory.models.release import Release, ReleaseSignature
from inventory.models.unit import Unit
from inventory.queries.release import signatures_of


@dataclass(frozen=True)
class GateLine:
    """One gate as the panel shows it."""

    number: int
    name: str
    outcome: str
    reason: str
    evidence: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class SignedBy:
    """One who signed a release."""

    printed_name: str
    meaning: str
    signed_at: datetime


@dataclass(frozen=True)
class GatePanel:
    """The gates of one unit; ``signed`` says who signed exactly these, and is empty of gates as they are now."""

    lines: tuple[GateLine, ...]
    release: str = ""
    kind: str = ""
    signed: tuple[SignedBy, ...] = ()
    content_sha256: str = ""

    @property
    def summary(self) -> str:
        """How many gates answered what."""
        outcomes = [line.outcome for line in self.lines]
        return ", ".join(f"{outcomes.count(each)} {each.value}" for each in Outcome if each in outcomes)


def panel_of(findings: Iterable[Finding]) -> GatePanel:
    """Return the gates as they are now."""
    return GatePanel(
        tuple(
            GateLine(each.gate.value, _name(each.gate), each.outcome.value, each.reason, each.evidence, each.warnings)
            for each in findings
        )
    )


def panel_as_signed(unit: Unit) -> GatePanel | None:
    """Return the gates as signed in the release by which the unit left; None of a unit that was never released."""
    release = Release.objects.filter(units__unit=unit, status="issued").order_by("-issued_at", "-pk").first()
    if release is None:
        return None
    signatures = signatures_of(release.pk)
    signed = units_in(json.loads(release.snapshot))
    found = next((each for each in signed if each["unit"] == unit.code), {"gates": ()})
    return GatePanel(
        lines=(*(_line(each) for each in found["gates"]), _people(signatures)),
        release=release.reference,
        kind=release.kind,
        signed=tuple(_signed_by(each) for each in signatures),
        content_sha256=release.snapshot_sha256,
    )


def _signed_by(made: ReleaseSignature) -> SignedBy:
    return SignedBy(made.signature.printed_name, made.meaning, made.signature.signed_at)


def _line(signed: Mapping[str, object]) -> GateLine:
    gate = Gate(int(str(signed["gate"])))
    evidence, warnings = signed.get("evidence"), signed.get("warnings")
    return GateLine(
        gate.value,
        _name(gate),
        str(signed["outcome"]),
        str(signed["reason"]),
        tuple(map(str, evidence)) if isinstance(evidence, list) else (),
        tuple(map(str, warnings)) if isinstance(warnings, list) else (),
    )


def _people(signatures: Sequence[ReleaseSignature]) -> GateLine:
    """Who signed is no part of what they signed: each signature names its own."""
    named = tuple(f"{each.meaning} {each.signer.username}" for each in signatures)
    reason = "asked at each signature"
    return GateLine(Gate.PEOPLE.value, _name(Gate.PEOPLE), Outcome.PASS.value, reason, named, ())


def _name(gate: Gate) -> str:
    return gate.label.capitalize()
