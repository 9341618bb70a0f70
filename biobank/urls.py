"""Every address of the house: each app that has doors brings its own."""

from importlib.util import find_spec

from django.urls import include, path

# An app without pages has no such module.
_DOORS = ("biobank.web.urls", "consent.urls", "inventory.urls", "inventory.web.urls")

urlpatterns = [path("", include(door)) for door in _DOORS if find_spec(door)]

handler400 = "biobank.web.errors.bad_request"
handler403 = "biobank.web.errors.forbidden"
handler404 = "biobank.web.errors.not_found"
handler500 = "biobank.web.errors.server_error"
