"""Production refuses to start with a key that is missing, known or short."""

import os
import subprocess
import sys

import pytest

from biobank.settings.published import LOCAL_IDENTITY_KEY, LOCAL_INDEX_KEY, LOCAL_SECRET_KEY
from tests.architecture.source import ROOT

GOOD = {
    "DJANGO_SETTINGS_MODULE": "biobank.settings.production",
    "SECRET_KEY": "h7Qv2mX9cRt4LwZb8NpYk3DsFg6JxVa1UeTi5OqWnMzBrCyHuKlPdS0",
    "ALLOWED_HOSTS": "biobank.example.org",
    "DATABASE_URL": "postgresql://biobank:secret@database/biobank",
    "BIOBANK_IDENTITY_KEYS": "k2:3f8a1c27d9e4b6050a7b92e8c1d4f36b58907ea2d1c3f4968b05e7a24d19c6f0",
    "BIOBANK_IDENTITY_INDEX_KEY": "c60f9d42a17be8350d94f6a2c8b15e7739ea04d1b6f8c25a7e930bd46182fc5a",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "diffsettings", "--output", "unified"],
        cwd=ROOT,
        env=os.environ | GOOD | changes,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_with_keys_of_its_own():
    answer = start()

    assert answer.returncode == 0, answer.stderr
    assert "+ BIOBANK_DEMO = False" in answer.stdout
    assert "+ SECURE_SSL_REDIRECT = True" in answer.stdout


def test_it_cannot_be_made_a_demo():
    answer = start(BIOBANK_DEMO="yes")

    assert "+ BIOBANK_DEMO = False" in answer.stdout
    assert "PublishedPasswordHasher" not in answer.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "h7Qv2mX9cRt4LwZb8NpYk3DsFg6JxVa1UeTi5OqWnMzBrCyHu"),
        ("SECRET_KEY", LOCAL_SECRET_KEY),
        ("SECRET_KEY", "django-insecure-h7Qv2mX9cRt4LwZb8NpYk3DsFg6JxVa1UeTi5OqWnMzBrCyHu"),
        ("SECRET_KEY", "a" * 60),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "biobank.example.org,,"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://biobank:secret@database/biobank"),
        ("DATABASE_URL", "not an address"),
        ("BIOBANK_IDENTITY_KEYS", ""),
        ("BIOBANK_IDENTITY_KEYS", "change-me"),
        ("BIOBANK_IDENTITY_KEYS", "k1:abcdef"),
        ("BIOBANK_IDENTITY_KEYS", "k1:" + "0" * 64),
        ("BIOBANK_IDENTITY_KEYS", f"{GOOD['BIOBANK_IDENTITY_KEYS']},{GOOD['BIOBANK_IDENTITY_KEYS']}"),
        ("BIOBANK_IDENTITY_KEYS", f"k1:{LOCAL_IDENTITY_KEY}"),
        ("BIOBANK_IDENTITY_INDEX_KEY", ""),
        ("BIOBANK_IDENTITY_INDEX_KEY", LOCAL_INDEX_KEY),
        ("BIOBANK_IDLE_LOCK_MINUTES", "soon"),
    ],
)
def test_it_refuses_in_one_line_that_names_the_variable_and_not_its_value(name, value):
    answer = start(**{name: value})

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"manage.py: {name} ")
    assert len(answer.stderr.splitlines()) == 1
    assert not value or len(value) < 8 or value not in answer.stderr


def test_it_refuses_a_folder_that_it_cannot_make(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    answer = start(BIOBANK_VAR=str(tmp_path / "file" / "var"))

    assert answer.returncode == 1
    assert answer.stderr.startswith("manage.py: BIOBANK_VAR: ")
    assert len(answer.stderr.splitlines()) == 1
