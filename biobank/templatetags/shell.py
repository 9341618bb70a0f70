"""What the frame of every page shows: the person, the navigation they may use, the theme, the banners."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from biobank.domain.job import LATE_AFTER
from biobank.domain.role import Permission, permissions_of
from biobank.models.person import Person
from biobank.queries.job import oldest_waiting_since
from biobank.services.standing import why_read_only
from biobank.web.permission import roles_of_visitor
from biobank.web.theme import THEMES, theme_of

register = template.Library()


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    words: str
    href: str
    is_here: bool


@dataclass(frozen=True)
class Shell:
    """Everything around a page's own content."""

    person: Person | None
    roles: tuple[str, ...]
    links: tuple[Link, ...]
    may_search: bool
    is_demo: bool
    is_late: bool
    idle_seconds: int


# The pages that stand in the navigation, each with what a person must be allowed to see it.
PAGES: tuple[tuple[str, str, Permission | None], ...] = (
    ("Home", "inventory:home", None),
    ("Units", "inventory:units", Permission.VIEW_UNITS),
)


@register.simple_tag(takes_context=True)
def shell(context: template.Context) -> Shell:
    """Return the frame's facts for the person who asks; nobody signed in sees no navigation."""
    request: HttpRequest = context["request"]
    person = request.user if isinstance(request.user, Person) and request.user.is_active else None
    roles = roles_of_visitor(request)
    held = permissions_of(roles)
    return Shell(
        person=person,
        roles=tuple(sorted(role.label for role in roles)),
        links=tuple(
            Link(words, reverse(name), request.path == reverse(name))
            for words, name, needed in PAGES
            if person and (needed is None or needed in held)
        ),
        may_search=Permission.VIEW_UNITS in held,
        is_demo=settings.BIOBANK_DEMO,
        is_late=person is not None and _is_late(timezone.now()),
        idle_seconds=settings.BIOBANK_IDLE_LOCK_MINUTES * 60,
    )


def _is_late(at: datetime) -> bool:
    since = oldest_waiting_since(at)
    return since is not None and at - since >= LATE_AFTER


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """Return the theme that the person chose, or nothing for the system's own."""
    request = context.get("request")
    return theme_of(request) if request else ""


@register.simple_tag
def themes() -> tuple[tuple[str, str], ...]:
    """Return every theme with its word."""
    return THEMES


@register.inclusion_tag("components/read_only.html")
def read_only_strip() -> dict[str, str]:
    """Say, above the page, why nothing can be saved; draw nothing while the record agrees with its checkpoints."""
    return {"why": why_read_only()}


@register.simple_tag
@cache
def house_version() -> str:
    """Return the version of this system: as installed, else as its source states it, else nothing."""
    try:
        return version("biobank")
    except PackageNotFoundError:
        return version_in(settings.BASE_DIR / "pyproject.toml")


def version_in(project: Path) -> str:
    """Return the version that a project's file states; nothing where it cannot be read."""
    try:
        stated = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, KeyError, ValueError):
        return ""
    return str(stated)
