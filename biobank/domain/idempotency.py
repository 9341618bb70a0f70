"""Keys that make a repeated command have one effect."""

import re
from typing import ClassVar

from biobank.domain.refusal import RuleViolation

KEY = re.compile(r"[\x21-\x7e]{1,200}")
LONGEST_WAIT_SECONDS = 5


class UnfitKey(RuleViolation):
    code: ClassVar[str] = "unfit-idempotency-key"
    title: ClassVar[str] = "Idempotency key cannot be used"
    mend = "Send 1 to 200 visible ASCII characters without spaces, such as a UUID, new for each command."


class KeyReused(RuleViolation):
    code: ClassVar[str] = "idempotency-key-reused"
    title: ClassVar[str] = "Idempotency key reused"
    mend = "Send a new key with a new command; repeat a command under its key only unchanged."


class KeyInUse(RuleViolation):
    code: ClassVar[str] = "idempotency-key-in-use"
    title: ClassVar[str] = "The same command is still running"
    mend = f"Repeat the same command under the same key in {LONGEST_WAIT_SECONDS} seconds."


def check_key(key: str) -> None:
    """Refuse a key that could not be sent or kept unchanged."""
    if not KEY.fullmatch(key):
        raise UnfitKey("This idempotency key cannot be used.")


def check_same_body(stored_sha256: str, body_sha256: str) -> None:
    """Refuse another command under a key that is taken."""
    if stored_sha256 != body_sha256:
        raise KeyReused("This key was used for another command.")
