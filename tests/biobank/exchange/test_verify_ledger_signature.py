"""The verifier's own Ed25519 against RFC 8032 and against the library that signs."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from biobank.exchange.verify_ledger import L, P, decoded, signature_holds

# RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = {
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    "TEST SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
}
SEEDS = st.binary(min_size=32, max_size=32)
# The points of small order that are written in the one right way.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


def library_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("vector", RFC_8032.values(), ids=RFC_8032)
def test_the_vectors_of_the_standard_hold(vector: tuple[str, str, str]) -> None:
    public, message, signature = (bytes.fromhex(part) for part in vector)

    assert signature_holds(public, message, signature)
    assert not signature_holds(public, message + b"\0", signature)


@given(seed=SEEDS, message=st.binary(max_size=2000))
def test_what_the_library_signs_holds(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)

    assert signature_holds(key.public_key().public_bytes_raw(), message, key.sign(message))


@given(seed=SEEDS, message=st.binary(max_size=200), place=st.integers(0, 8 * 64 - 1))
def test_a_flipped_bit_of_a_signature_is_judged_as_the_library_does(seed: bytes, message: bytes, place: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(message))
    signature[place // 8] ^= 1 << place % 8

    assert (
        signature_holds(public, message, bytes(signature)) is library_holds(public, message, bytes(signature)) is False
    )


@given(seed=SEEDS, message=st.binary(max_size=200), place=st.integers(0, 8 * 32 - 1))
def test_a_flipped_bit_of_a_key_is_refused(seed: bytes, message: bytes, place: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = bytearray(key.public_key().public_bytes_raw())
    public[place // 8] ^= 1 << place % 8

    assert not signature_holds(bytes(public), message, key.sign(message))


@given(public=SEEDS, message=st.binary(max_size=50), first=SEEDS, second=SEEDS)
def test_noise_is_refused(public: bytes, message: bytes, first: bytes, second: bytes) -> None:
    assert not signature_holds(public, message, first + second)


@given(seed=SEEDS, message=st.binary(max_size=50))
def test_a_signature_has_no_second_way_of_writing(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    second = int.from_bytes(signature[32:], "little") + L

    assert not signature_holds(public, message, signature[:32] + second.to_bytes(32, "little"))


@pytest.mark.parametrize("small", SMALL_ORDER)
def test_a_key_of_small_order_is_refused_although_its_signature_would_hold(small: str) -> None:
    neutral = bytes.fromhex(SMALL_ORDER[0])
    forged = neutral + bytes(32)

    assert decoded(bytes.fromhex(small)) is not None
    assert not signature_holds(bytes.fromhex(small), b"anything", forged)


def test_the_library_takes_the_forgery_that_the_verifier_refuses() -> None:
    neutral = bytes.fromhex(SMALL_ORDER[0])

    assert library_holds(neutral, b"anything", neutral + bytes(32))
    assert not signature_holds(neutral, b"anything", neutral + bytes(32))


@pytest.mark.parametrize("y", [P, P + 1, 2**255 - 1])
def test_a_point_has_no_second_way_of_writing(y: int) -> None:
    assert decoded(y.to_bytes(32, "little")) is None


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes([1] + [0] * 30 + [0x80]), b"\x02" + bytes(31)])
def test_what_is_no_point_is_refused(data: bytes) -> None:
    assert decoded(data) is None


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    public, message, signature = (bytes.fromhex(part) for part in RFC_8032["TEST 1"])

    assert not signature_holds(public, message, (signature * 2)[:length])
