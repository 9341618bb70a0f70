"""The master keys of donor identity, as the settings name them."""

from django.conf import settings

from consent.domain.identity import Keyring, read_keyring


def keyring() -> Keyring:
    """Return the keyring, or raise ``IdentityKeyMissing``."""
    return read_keyring(
        getattr(settings, "BIOBANK_IDENTITY_KEYS", None), getattr(settings, "BIOBANK_IDENTITY_INDEX_KEY", None)
    )
