"""Headers of columns that tell who somebody is: such a column is named as ignored, and never read.

Donor identity lives apart from the inventory; a file of another system often repeats it on every row.
"""

import re
from collections.abc import Collection, Sequence

# Of one group of a header (as ``MRN`` of ``PMI#1#MRN``), in small letters, words joined by one space.
NAMES = frozenset(
    {
        *("first name", "last name", "middle name", "full name", "given name", "family name", "surname"),
        *("maiden name", "mother name", "patient name", "name of mother", "vorname", "nachname", "familienname"),
        *("email", "email address", "e mail", "phone", "telephone", "mobile", "telefon", "contact"),
        *("address", "street", "postcode", "zip code", "adresse", "anschrift"),
        *("date of birth", "birth date", "birthdate", "dob", "geburtsdatum", "death date", "date of death"),
        *("national id", "social security number", "ssn", "insurance number", "versichertennummer"),
        *("passport number", "empi", "mpi", "pmi", "mrn", "medical record number", "hospital number"),
        *("record number", "patient id", "patient number", "patientennummer", "external subject id", "path number"),
        *("collector", "receiver"),
    }
)


def plain_header(header: str) -> tuple[str, ...]:
    """Return a header's groups in small letters, without the numbers of repeated groups and what joins words."""
    groups = (re.sub(r"[^a-z]+", " ", group.casefold()).strip() for group in header.split("#"))
    return tuple(group for group in groups if group)


def is_personal(header: str) -> bool:
    """Tell whether a header says that its column tells who somebody is."""
    return any(group in NAMES for group in plain_header(header))


def not_ignored(headers: Sequence[str], ignored: Collection[str]) -> list[str]:
    """Return every header of a personal column that is not named as ignored; one name stands for its repetitions."""
    named = {plain_header(each) for each in ignored}
    return [header for header in headers if is_personal(header) and plain_header(header) not in named]
