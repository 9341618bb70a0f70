"""The inventory app: donations, units, storage, quality, requests and release."""

from biobank.apps import HouseConfig


class InventoryConfig(HouseConfig):
    """Everything that lies in the bank and what happens to it."""

    default = True
    name = "inventory"
    verbose_name = "Inventory"
