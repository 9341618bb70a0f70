"""Addresses of the inventory's pages."""

from django.urls import path

from inventory.web.custody import custody, download, generate, verify
from inventory.web.home import home
from inventory.web.search import search
from inventory.web.unit import unit_detail, units

app_name = "inventory"

urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("units/", units, name="units"),
    path("units/<str:code>/", unit_detail, name="unit-detail"),
    path("units/<str:code>/custody/", custody, name="custody"),
    path("units/<str:code>/custody/generate/", generate, name="custody-generate"),
    path("reports/<str:reference>/file/", download, name="report-file"),
    path("reports/<str:reference>/verify/", verify, name="report-verify"),
]
