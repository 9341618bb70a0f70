"""Containers: the storage tree from site to position."""

from django.db import models

from biobank.choices import one_of


class ContainerKind(models.Model):
    """What a container is: its grid, labels and what it may hold. Without a grid it has numbered positions.

    It may be ``minutes_allowed`` minutes warmer than ``warmest_celsius`` or colder than ``coldest_celsius`` before that
    is doubt about what is inside.
    """

    name = models.CharField(max_length=64, unique=True)
    level = models.CharField(max_length=16)
    rows = models.PositiveSmallIntegerField(default=0)
    columns = models.PositiveSmallIntegerField(default=0)
    row_labels = models.CharField(max_length=8, default="letters")
    column_labels = models.CharField(max_length=8, default="numbers")
    capacity = models.PositiveIntegerField(default=0)
    accepts = models.JSONField(default=list)
    warmest_celsius = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    coldest_celsius = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    minutes_allowed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(warmest_celsius__isnull=True)
                | models.Q(coldest_celsius__isnull=True)
                | models.Q(coldest_celsius__lte=models.F("warmest_celsius")),
                name="the_coldest_allowed_is_not_above_the_warmest",
            ),
            one_of(
                "level", ["room", "tank", "freezer", "rack", "box", "shelf", "fridge"], name="container_level_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Container(models.Model):
    """One node of the storage tree; ``code`` is on its label, as ``T01-R12-05``."""

    code = models.CharField(max_length=64, unique=True)
    kind = models.ForeignKey(ContainerKind, on_delete=models.PROTECT, related_name="containers")
    site = models.ForeignKey("biobank.Site", on_delete=models.PROTECT, related_name="containers")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="a_container_does_not_stand_in_itself"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Position(models.Model):
    """One place that exists in a container's grid; ``code`` joins container and label, as ``T01-R12-05-B03``."""

    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="positions")
    label = models.CharField(max_length=12)
    row = models.PositiveSmallIntegerField(default=0)
    column = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["container", "label"], name="one_position_per_container_and_label"),
        ]

    def __str__(self) -> str:
        return self.code
