"""Codes of the bank's own, random, so that none can be guessed from another."""

from secrets import choice

# Crockford's base 32: without I, L, O and U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def new_code(prefix: str) -> str:
    """Return a new code such as ``REQ-7F3K9QXM``."""
    return f"{prefix}-{''.join(choice(ALPHABET) for _ in range(LENGTH))}"
