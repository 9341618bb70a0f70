"""The decision to release: its kinds, what each kind may waive, and who may sign it."""

from enum import StrEnum


class ReleaseKind(StrEnum):
    NORMAL = "normal"
    EXCEPTIONAL = "exceptional"
    URGENT = "urgent"
