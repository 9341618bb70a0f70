"""How a unit's number, state and words are drawn."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from biobank.templatetags.times import site_time
from inventory.domain.din import Din
from inventory.domain.wording import in_words

register = template.Library()

NARROW_SPACE = "\u202f"
# An instant as the ledger writes it, or as a document does; in a group, so that splitting a text keeps it.
WRITTEN_TIME = re.compile(r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d\.\d{6}Z| \d\d:\d\d(?::\d\d)? UTC))", re.ASCII)
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
    return in_words(text) if text.islower() else text


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
    """Return a value of an entry as people read it: instants in the site's zone, a stored term as words."""
    parts = WRITTEN_TIME.split(str(text))
    return words(text) if len(parts) == 1 else format_html_join("", "{}", ((_read(part),) for part in parts))


@register.filter
def site_times(text: str) -> SafeString:
    """Return a sentence with each instant in it in the site's zone."""
    return format_html_join("", "{}", ((_instant(part) or part,) for part in WRITTEN_TIME.split(str(text))))


@register.filter
def breakable(text: str) -> SafeString:
    """Return a typing such that it may go on in the next line after a plus sign."""
    return format_html_join(SafeString("+<wbr>"), "{}", ((part,) for part in str(text).split("+")))


def _read(part: str) -> SafeString | str:
    return _instant(part) or words(part)


def _instant(part: str) -> SafeString | str:
    written = WRITTEN_TIME.fullmatch(part)
    return site_time(datetime.fromisoformat(part.replace(" UTC", "+00:00"))) if written else ""
