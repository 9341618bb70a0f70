"""The decision to release: its kinds, and who may sign it."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from biobank.domain.role import Role
from biobank.domain.signature import Meaning


class ReleaseKind(StrEnum):
    NORMAL = "normal"
    EXCEPTIONAL = "exceptional"
    URGENT = "urgent"


REVIEWERS = frozenset({Role.QUALITY_REVIEWER})
RELEASERS = frozenset({Role.RELEASING_OFFICER, Role.MEDICAL_DIRECTOR})

# Who may sign with which meaning; no other meaning belongs on a release.
SIGNERS = {Meaning.REVIEWED: REVIEWERS, Meaning.RELEASED: RELEASERS}
SIGNATURES_NEEDED = 2


@dataclass(frozen=True)
class Signer:
    """One who signs or has signed: roles and training as of the instant of signing."""

    username: str
    meaning: Meaning
    roles: frozenset[Role]
    trained: bool


def obstacles_to_signers(
    signers: Collection[Signer], *, requested_by: str, kind: ReleaseKind = ReleaseKind.NORMAL, stated_by: str = ""
) -> list[str]:
    """Return why these people may not sign together.

    Each meaning is given once, by one who holds its role: so with two signatures one has reviewed, the other released.
    What leaves a gate open is released by the medical director who stated benefit and risk, and by nobody else.
    """
    reasons = [reason for signer in signers for reason in _obstacles_to(signer, requested_by)]
    if len({signer.username for signer in signers}) < len(signers):
        reasons.append("one person cannot give both signatures")
    if len({signer.meaning for signer in signers}) < len(signers):
        reasons.append("one signature says reviewed, the other released")
    if kind is not ReleaseKind.NORMAL:
        reasons += [reason for signer in signers for reason in _obstacles_to_excepting(signer, stated_by)]
    return reasons


def _obstacles_to_excepting(signer: Signer, stated_by: str) -> list[str]:
    if signer.meaning is not Meaning.RELEASED:
        return []
    checks = (
        (Role.MEDICAL_DIRECTOR in signer.roles, "is not the medical director, who alone releases by exception"),
        (signer.username == stated_by, "did not state benefit and risk"),
    )
    return [f"{signer.username} {why}" for holds, why in checks if not holds]


def _obstacles_to(signer: Signer, requested_by: str) -> list[str]:
    checks = (
        (signer.username != requested_by, "made the request"),
        (signer.trained, "has no valid training"),
        (bool(SIGNERS.get(signer.meaning, frozenset()) & signer.roles), f"may not sign as {signer.meaning.value}"),
    )
    return [f"{signer.username} {why}" for holds, why in checks if not holds]
