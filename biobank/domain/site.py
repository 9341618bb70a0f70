"""The kinds of place a biobank has to do with."""

from enum import StrEnum


class SiteKind(StrEnum):
    BANK = "bank"
    COLLECTION = "collection"
    STUDY = "study"
