"""The chosen look."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["light", "dark", "freezer"])
def test_a_chosen_theme_is_kept_and_shown_without_scripts(client: Client, theme: str):
    answer = client.post("/theme/", {"theme": theme, "next": "/sign-in/"})

    assert answer["Location"] == "/sign-in/"
    assert f'data-theme="{theme}"' in client.get("/sign-in/").content.decode()


def test_automatic_leaves_the_choice_to_the_system(client: Client):
    client.post("/theme/", {"theme": "dark"})

    client.post("/theme/", {"theme": ""})

    assert "data-theme" not in client.get("/sign-in/").content.decode()


def test_a_theme_that_does_not_exist_is_not_kept(client: Client):
    client.post("/theme/", {"theme": '"><script>'})

    assert "theme" not in client.cookies


def test_a_forged_cookie_is_never_shown(client: Client):
    client.cookies["theme"] = '"onload=alert(1)'

    assert "onload" not in client.get("/sign-in/").content.decode()
