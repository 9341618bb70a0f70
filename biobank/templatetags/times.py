"""Times and dates as people read them: the site's zone with its abbreviation, UTC beside it."""

from datetime import UTC, date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Written out here, so that the server's locale never turns a date into another one.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(value: date) -> str:
    """Return ``5 Mar 2026``."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


@register.filter
def site_time(at: datetime | None) -> SafeString | str:
    """Show an instant in the site's zone: ``5 Mar 2026, 14:03 CET``, with UTC to the second as its title."""
    if at is None:
        return "–"
    local, utc = timezone.localtime(at), at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}, {} {}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S}",
        day(local),
        f"{local:%H:%M}",
        local.tzname(),
    )


@register.filter
def site_date(at: datetime | date | None) -> SafeString | str:
    """Show a day as ``5 Mar 2026``; an instant's day is the one in the site's zone."""
    if at is None:
        return "–"
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), day(at))
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S}",
        day(timezone.localtime(at)),
    )
