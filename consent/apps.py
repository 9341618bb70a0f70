"""The consent app: donors, their identity, and what they allow."""

from biobank.apps import HouseConfig


class ConsentConfig(HouseConfig):
    """Donors, consents and permitted use."""

    default = True
    name = "consent"
    verbose_name = "Consent"
