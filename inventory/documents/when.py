"""An instant on paper: in the site's zone, and below it in UTC."""

from datetime import datetime

from inventory.documents.table import Cell
from inventory.documents.typeface import BODY, QUIET
from inventory.domain.custody import site_text, utc_text


def when(at: datetime | None, time_zone: str) -> Cell:
    """Return the cell of an instant, or a dash where there is none."""
    if at is None:
        return (("–", QUIET),)
    return ((site_text(at, time_zone), BODY), (utc_text(at), QUIET))
