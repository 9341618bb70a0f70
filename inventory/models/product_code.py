"""The bank's table of product description codes, as it loaded them: licensed, never shipped."""

from django.db import models


class ProductCode(models.Model):
    """One code of one loaded file. A later file says a code anew: the last one loaded counts, the others stay."""

    code = models.CharField(max_length=5)
    class_name = models.CharField(max_length=200)
    modifiers = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    valid_from = models.DateField()
    loaded_from = models.ForeignKey("inventory.ImportFile", on_delete=models.PROTECT, related_name="product_codes")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "loaded_from"], name="one_product_code_per_file"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.class_name}"
