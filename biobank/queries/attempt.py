"""How many wrong attempts stand against a username."""

from django.utils.crypto import salted_hmac

from biobank.domain.attempt import Count
from biobank.models.person import Person
from biobank.models.signature import Attempts


def attempts_name(typed: str) -> str:
    """Return the name under which attempts are counted: the username, or a keyed digest where nobody has that one.

    What someone types by mistake in place of a username may be a password, and is not kept.
    """
    username = typed.strip()
    if Person.objects.filter(username=username).exists():
        return username
    return f"~{salted_hmac('biobank.attempts', username).hexdigest()}"


def count_of(name: str) -> Count:
    """Return the count under ``attempts_name``."""
    row = Attempts.objects.filter(username=name).first()
    return Count() if row is None else Count(wrong=row.wrong_count, locked_until=row.locked_until)


def lock_attempts(name: str) -> Attempts:
    """Return the row of a name, made if there was none, locked until the transaction ends."""
    Attempts.objects.get_or_create(username=name)
    return Attempts.objects.select_for_update().get(username=name)
