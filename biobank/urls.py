"""Every address of the house: each app that has pages brings its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("biobank.web.urls")),
    path("", include("inventory.urls")),
]

handler400 = "biobank.web.errors.bad_request"
handler403 = "biobank.web.errors.forbidden"
handler404 = "biobank.web.errors.not_found"
handler500 = "biobank.web.errors.server_error"
