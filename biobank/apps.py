"""The shape of every app of the house: a package of models and a module of receivers."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class HouseConfig(AppConfig):
    """An app whose models live in one module per noun, under an empty ``models/__init__.py``."""

    default = False
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Import every module of the models package, so that Django registers what is in them."""
        super().import_models()
        package = self.models_module
        for module in iter_modules(getattr(package, "__path__", ())):
            import_module(f"{self.name}.models.{module.name}")

    def ready(self) -> None:
        """Connect the receivers of every app that has any."""
        autodiscover_modules("receivers")


class BiobankConfig(HouseConfig):
    """People, signatures, the ledger and the jobs: what every other app stands on."""

    default = True
    name = "biobank"
    verbose_name = "Biobank"
