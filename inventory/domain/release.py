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


def obstacles_to_signers(signers: Collection[Signer], *, requested_by: str) -> list[str]:
    """Return why these people may not sign together.

    Each meaning is given once, by one who holds its role: so with two signatures one has reviewed, the other released.
    """
    reasons = [reason for signer in signers for reason in _obstacles_to(signer, requested_by)]
    if len({signer.username for signer in signers}) < len(signers):
        reasons.append("one person cannot give both signatures")
    if len({signer.meaning for signer in signers}) < len(signers):
        reasons.append("one signature says reviewed, the other released")
    return reasons


def _obstacles_to(signer: Signer, requested_by: str) -> list[str]:
    checks = (
        (signer.username != requested_by, "made the request"),
        (signer.trained, "has no valid training"),
        (bool(SIGNERS.get(signer.meaning, frozenset()) & signer.roles), f"may not sign as {signer.meaning.value}"),
    )
    return [f"{signer.username} {why}" for holds, why in checks if not holds]
