"""Check values of ISO/IEC 7064, modulus 37, radix 2, as ICCBBA ST-001 v6.2.2 weighs them (facts used, nothing copied).

The last character weighs 2, each one before it twice as much. A wrong character or a swap of two neighbours changes the
value: what is typed beside its check character is never taken for another.
"""

CHECK_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
MODULUS = 37


def check_value(characters: str) -> int:
    """Return the check value, 0 to 36, of characters that are all digits and capital letters."""
    total = 0
    for character in characters:
        total = (total + CHECK_CHARACTERS.index(character)) * 2 % MODULUS
    return (MODULUS + 1 - total) % MODULUS


def check_character_of(characters: str) -> str:
    """Return the character that is printed, boxed, for the check value."""
    return CHECK_CHARACTERS[check_value(characters)]
