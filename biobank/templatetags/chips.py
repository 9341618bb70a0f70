"""Chips: an icon, a word and a colour that all say the same."""

from collections.abc import Mapping
from types import MappingProxyType

from django import template

register = template.Library()

# What is said of a check: its look and its icon. The word is never left out.
OUTCOME_ICONS: Mapping[str, str] = MappingProxyType(
    {
        "pass": "check-circle",
        "fail": "x-circle",
        "unknown": "question-mark-circle",
        "warn": "exclamation-triangle",
        "note": "information-circle",
    }
)


@register.inclusion_tag("components/_chip.html")
def outcome_chip(outcome: str, word: str = "") -> dict[str, str]:
    """Draw the chip of a pass, fail, unknown, warn or note; ``word`` stands in for the outcome's own."""
    outcome = str(outcome)
    return {"look": outcome, "icon": OUTCOME_ICONS.get(outcome, "question-mark-circle"), "word": word or outcome}


@register.filter
def outcome_icon(outcome: str) -> str:
    """Return the name of the outcome's icon."""
    return OUTCOME_ICONS.get(str(outcome), "question-mark-circle")
