"""Addresses of the inventory's pages."""

from django.urls import path

from inventory.web.home import home
from inventory.web.search import search
from inventory.web.unit import unit_detail, units

app_name = "inventory"

urlpatterns = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("units/", units, name="units"),
    path("units/<str:code>/", unit_detail, name="unit-detail"),
]
