"""Addresses of what every app stands on: sign-in, lock, password, appearance."""

from django.urls import path

from biobank.web.health import health
from biobank.web.lock import lock_now, unlock
from biobank.web.password import ChangePassword
from biobank.web.sign_in import SignIn, sign_out
from biobank.web.theme import choose_theme

urlpatterns = [
    path("health", health, name="health"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
    path("lock/", lock_now, name="lock"),
    path("unlock/", unlock, name="unlock"),
    path("password/", ChangePassword.as_view(), name="password"),
    path("theme/", choose_theme, name="theme"),
]
