"""Sealing: certified, whole, unchanged, and a key that cannot be used is refused by name."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from inventory.documents.custody import custody_pdf
from inventory.documents.seal import (
    SealingKeyBroken,
    obstacles_to_trust,
    seal_pdf,
    sealing_key,
    self_signed_key,
)
from tests.factories.custody_facts import custody_facts, edition
from tests.factories.time import NOON


def key_in(folder, *, name="key", certificate=None):
    private, own_certificate = self_signed_key("Test bank", at=NOON)
    (folder / name).write_bytes(private)
    (folder / f"{name}.cert").write_bytes(certificate or own_certificate)
    return sealing_key(folder / name, folder / f"{name}.cert")


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return key_in(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def sealed(key):
    pdf = custody_pdf(custody_facts(), edition(sealing_certificate_sha256=key.certificate_sha256))
    return seal_pdf(pdf, key, reason="Chain of custody", location="Lisbon")


def test_a_sealed_document_holds_and_the_seal_leaves_the_pages_as_they_were(key, sealed):
    pdf = custody_pdf(custody_facts(), edition(sealing_certificate_sha256=key.certificate_sha256))

    assert obstacles_to_trust(sealed, certificate_sha256=key.certificate_sha256) == []
    assert sealed.startswith(pdf)


def test_no_byte_outside_the_seal_itself_can_change_unnoticed(key, sealed):
    first, before, second, after = map(int, re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", sealed).groups())
    places = [*range(first + 10, first + before, before // 50), *range(second, second + after, after // 10)]

    held = [
        place
        for place in places
        if obstacles_to_trust(_flipped(sealed, place), certificate_sha256=key.certificate_sha256) == []
    ]

    assert second + after == len(sealed)
    assert held == []


def _flipped(content, place):
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)


def test_what_is_appended_after_the_seal_is_noticed(key, sealed):
    longer = sealed + b"\n%% a later remark\n"

    assert obstacles_to_trust(longer, certificate_sha256=key.certificate_sha256)


def test_a_document_without_a_seal_is_not_trusted(key):
    pdf = custody_pdf(custody_facts(), edition())

    assert obstacles_to_trust(pdf, certificate_sha256=key.certificate_sha256) == [
        "The file carries 0 seals instead of one."
    ]


@pytest.mark.parametrize("content", [b"", b"not a PDF", b"%PDF-1.7\n"])
def test_what_is_no_document_is_not_trusted(key, content):
    assert obstacles_to_trust(content, certificate_sha256=key.certificate_sha256)


def test_a_seal_by_another_key_is_not_trusted(key, tmp_path):
    other = key_in(tmp_path)
    forged = seal_pdf(custody_pdf(custody_facts(), edition()), other, reason="", location="")

    assert obstacles_to_trust(forged, certificate_sha256=key.certificate_sha256) == [
        "The seal was made with another certificate."
    ]


def test_without_key_and_certificate_there_is_no_sealing_key(tmp_path):
    assert sealing_key(tmp_path / "key", tmp_path / "certificate") is None


def test_a_key_without_its_certificate_is_refused(tmp_path):
    key_in(tmp_path)
    (tmp_path / "key.cert").unlink()

    with pytest.raises(SealingKeyBroken, match="cannot be read"):
        sealing_key(tmp_path / "key", tmp_path / "key.cert")


def test_a_key_and_a_certificate_that_do_not_belong_together_are_refused(tmp_path):
    _, strange = self_signed_key("Another bank", at=NOON)

    with pytest.raises(SealingKeyBroken, match="do not belong together"):
        key_in(tmp_path, certificate=strange)


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\x00\xff"]
)
def test_a_broken_key_file_is_refused_with_the_next_step(tmp_path, content):
    key_in(tmp_path)
    (tmp_path / "key").write_bytes(content)

    with pytest.raises(SealingKeyBroken) as refusal:
        sealing_key(tmp_path / "key", tmp_path / "key.cert")

    assert "BIOBANK_PDF_KEY_FILE" in refusal.value.mend


def test_a_key_under_a_passphrase_is_refused(tmp_path):
    key_in(tmp_path)
    locked = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    (tmp_path / "key").write_bytes(locked)

    with pytest.raises(SealingKeyBroken):
        sealing_key(tmp_path / "key", tmp_path / "key.cert")


def test_a_key_of_another_kind_than_its_certificate_is_refused(tmp_path):
    key_in(tmp_path)
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key").write_bytes(other)

    with pytest.raises(SealingKeyBroken, match="do not belong together"):
        sealing_key(tmp_path / "key", tmp_path / "key.cert")
