"""Reading the environment: every value is text there and is checked before it becomes a setting."""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})
_HEX_KEY = re.compile(r"[0-9a-f]{64}")


def text(name: str, default: str = "") -> str:
    """Return the value of a variable without surrounding blanks."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no variable; anything that is neither is refused."""
    value = text(name, "yes" if default else "no").lower()
    if value not in _YES | _NO:
        raise ImproperlyConfigured(f"{name} must be yes or no.")
    return value in _YES


def number(name: str, default: int) -> int:
    """Return a whole number above zero."""
    value = text(name) or str(default)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ImproperlyConfigured(f"{name} must be a whole number above zero.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Return the parts of a comma-separated variable."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def required(name: str, purpose: str) -> str:
    """Return a variable that has no safe default; without it nothing starts."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {purpose}")
    return value


def folder(name: str, path: Path) -> Path:
    """Return the folder, made if need be; one that cannot be written to is refused."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: {path} cannot be made ({error.strerror}).") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: {path} cannot be written to.")
    return path


def hex_key(name: str, value: str) -> str:
    """Return a 32-byte key written as 64 hexadecimal digits; the value itself is never shown."""
    key = value.lower()
    if not _HEX_KEY.fullmatch(key) or len(set(key)) < 8:
        raise ImproperlyConfigured(f"{name} must be 32 random bytes as 64 hexadecimal digits.")
    return key


def named_keys(name: str, value: str) -> dict[str, str]:
    """Return ``id:hex,id:hex`` as a mapping in the order written: the first key is the current one."""
    keys: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in value.split(","))):
        key_id, _, key = part.partition(":")
        if not key_id.isidentifier() or key_id in keys:
            raise ImproperlyConfigured(f"{name} must list keys as id:hex, each id once, the current key first.")
        keys[key_id] = hex_key(name, key)
    return keys
