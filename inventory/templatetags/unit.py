"""How a unit's number, state and words are drawn."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django import template
from django.utils.safestring import SafeString

from biobank.templatetags.times import site_time
from inventory.domain.din import Din

register = template.Library()

NARROW_SPACE = "\u202f"
WRITTEN_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z", re.ASCII)
LONG_NUMBER = re.compile(r"(?<![.\w])[1-9][0-9]{4,}(?!\w)", re.ASCII)

# Each state has an icon of its own, so that no two are told apart by colour alone.
STATE_ICONS: Mapping[str, str] = MappingProxyType(
    {
        "collected": "inbox-arrow-down",
        "quarantined": "shield-exclamation",
        "available": "check-badge",
        "reserved": "bookmark",
        "released": "document-check",
        "shipped": "truck",
        "received": "home-modern",
        "returned": "arrow-uturn-left",
        "consumed": "beaker",
        "used": "heart",
        "discarded": "trash",
        "lost": "magnifying-glass-minus",
        "voided": "no-symbol",
        "stored": "archive-box",
    }
)


@register.inclusion_tag("components/_chip.html")
def state_chip(state: str, *, large: bool = False) -> dict[str, object]:
    """Draw the chip of a unit's or sample's state."""
    return {"look": state, "icon": STATE_ICONS.get(state, "question-mark-circle"), "word": state, "large": large}


@register.filter
def words(term: str) -> str:
    """Return a stored term as words: ``cord_blood`` is "cord blood". Codes, which are in capitals, stay as they are."""
    text = str(term)
    return text.replace("_", " ") if text.islower() else text


@register.filter
def din_groups(din: Din) -> tuple[str, str, str]:
    """Return a DIN in its printed groups, without the check character."""
    return din.facility, din.year, din.serial


@register.filter
def grouped(text: str) -> str:
    """Return a value with its long runs of digits in threes: nobody tells 1420000000 from 142000000 at a glance."""
    return LONG_NUMBER.sub(lambda found: f"{int(found[0]):,}".replace(",", NARROW_SPACE), str(text))


@register.filter
def split_words(text: str) -> list[str]:
    """Return the groups of a printed number."""
    return str(text).split()


@register.filter
def ledger_value(text: str) -> SafeString | str:
    """Return a value of an entry as people read it: an instant in the site's zone, a stored term as words."""
    if WRITTEN_TIME.fullmatch(str(text)):
        return site_time(datetime.fromisoformat(str(text)))
    return words(text)
