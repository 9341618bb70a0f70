"""How a demo keeps its people's passwords, which it prints for everybody to read."""

from django.contrib.auth.hashers import ScryptPasswordHasher


class PublishedPasswordHasher(ScryptPasswordHasher):
    """Scrypt at a fifth of its cost: a demo proves a hundred signatures before its first page.

    Each hash names its cost, so that the usual hasher reads it, and renews it at the next sign-in.
    """

    parallelism = 1
