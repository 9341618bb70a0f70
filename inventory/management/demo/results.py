"""The demo's laboratory: plausible results of mothers, infants and units, most of them within specification."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.db.models import Q

from inventory.domain.acceptance import obstacles_to_accepting
from inventory.domain.assay import ASSAYS, AssayGroup, MarkerDemand, Subject
from inventory.domain.donation import DonationEvent
from inventory.domain.unit import ProductClass, Use
from inventory.models.donation import Donation
from inventory.models.lot import Lot
from inventory.models.unit import Unit
from inventory.queries.acceptance import acceptance_facts
from inventory.queries.result import current_results
from inventory.queries.specification import specifications_in_force
from inventory.services.result import NewResult

LABORATORY = "Demo Reference Laboratory"
HLA_A = ("A*01:01", "A*02:01", "A*03:01", "A*11:01", "A*24:02")
HLA_B = ("B*07:02", "B*08:01", "B*15:01", "B*35:01", "B*44:02")
HLA_DRB1 = ("DRB1*01:01", "DRB1*03:01", "DRB1*04:01", "DRB1*07:01", "DRB1*15:01")
GROUPS = ("O pos", "A pos", "B pos", "O neg", "A neg", "AB pos")


def count_before(unit: Unit, random: Random) -> NewResult:
    """The nucleated cells of a collected bag: most bags hold enough, one in five does not."""
    low = random.random() < 0.2
    cells = random.randint(300, 620) if low else random.randint(900, 1900)
    return _of_unit(unit, "tnc", str(cells * 1_000_000), method="haematology analyser")


class Lucky(Random):
    """Numbers from the upper half, so that a story begins with the good day: nothing low, nothing reactive."""

    def random(self) -> float:
        """Return a number of at least one half."""
        return 0.5 + super().random() / 2


def of_unit(unit: Unit, random: Random, otherwise: Mapping[str, str]) -> list[NewResult]:
    """The results of a frozen unit before it is accepted; ``otherwise`` says some, by assay."""
    if unit.product_class == ProductClass.PLACENTA:
        return [_of_unit(unit, "mass_g", f"{unit.mass_g}", method="balance")]
    return [replace(new, value=otherwise.get(new.assay, new.value)) for new in _of_bag(unit, random)]


def _of_bag(unit: Unit, random: Random) -> list[NewResult]:
    before = current_results().filter(unit__made__child=unit, assay="tnc").values_list("number", flat=True)[0]
    after = int((before or 0) * random.randint(82, 94) // 100)
    return [
        _of_unit(unit, "tnc", str(after), method="haematology analyser"),
        _of_unit(unit, "tnc_viability_percent", str(random.randint(880, 985) / 10), method="flow cytometry, 7-AAD"),
        _of_unit(unit, "viable_cd34", str(after * random.randint(26, 48) // 10_000), method="flow cytometry, ISHAGE"),
        _of_unit(unit, "bacterial_culture", "no_growth" if random.random() > 0.02 else "growth", method="14 days"),
        _of_unit(unit, "fungal_culture", "no_growth", method="14 days"),
    ]


def of_foreign_bag(unit: Unit) -> list[NewResult]:
    """What the papers of another bank report of a bag, what it reckoned itself included."""
    values = {
        "tnc": "1240000000",
        "tnc_viability_percent": "94.1",
        "viable_cd34": "4100000",
        "tnc_recovery_percent": "86.000",
        "hours_to_freezing": "30.000",
        "bacterial_culture": "no_growth",
        "fungal_culture": "no_growth",
    }
    return [NewResult(assay=assay, subject=Subject.UNIT, unit=unit, value=value) for assay, value in values.items()]


def of_family(donation: Donation, random: Random) -> list[NewResult]:
    """The mother's markers and history, the infant's findings and typing."""
    specimen_at = (donation.collected_at or donation.registered_at) + timedelta(hours=1)
    reactive = random.choice(("anti_hbc", "anti_htlv", "syphilis")) if random.random() < 0.03 else ""
    markers = [
        NewResult(
            assay=code,
            subject=Subject.MOTHER,
            donation=donation,
            value="positive" if code == reactive or (code == "cmv" and random.random() < 0.4) else "negative",
            method="screening assay",
            laboratory=LABORATORY,
            approved_test=True,
            diluted=False,
            specimen_at=specimen_at,
        )
        for code, assay in ASSAYS.items()
        if assay.group is AssayGroup.INFECTIOUS_MARKER and assay.demand is MarkerDemand.REQUIRED
    ]
    return [*markers, *_findings(donation), *_typing(donation, random, specimen_at)]


def _findings(donation: Donation) -> list[NewResult]:
    after_death = donation.event == DonationEvent.RECOVERY_AFTER_DEATH
    return [
        NewResult(
            assay=code,
            subject=Subject.INFANT if Subject.INFANT in assay.subjects else Subject.MOTHER,
            donation=donation,
            value="no_risk",
            method="interview and records",
        )
        for code, assay in ASSAYS.items()
        if assay.group is AssayGroup.FINDING and (after_death or assay.demand is not MarkerDemand.AFTER_DEATH)
    ]


def _typing(donation: Donation, random: Random, specimen_at: datetime) -> list[NewResult]:
    values = {
        "abo_rh": random.choice(GROUPS),
        "hla_a": "+".join(sorted(random.sample(HLA_A, 2))),
        "hla_b": "+".join(sorted(random.sample(HLA_B, 2))),
        "hla_drb1": "+".join(sorted(random.sample(HLA_DRB1, 2))),
        "hb_screen": "normal",
    }
    return [
        NewResult(
            assay=assay,
            subject=Subject.INFANT,
            donation=donation,
            value=value,
            method="sequencing" if assay.startswith("hla") else "standard",
            laboratory=LABORATORY,
            specimen_at=specimen_at,
        )
        for assay, value in values.items()
    ]


def of_segment(unit: Unit) -> list[NewResult]:
    """What a thawed segment shows before release: viable, growing, and the same person's."""
    segment = unit.samples.filter(role="segment", state="stored").order_by("pk").first()
    values = {
        "cd34_viability_percent": "88.4",
        "cd45_viability_percent": "61.2",
        "cfu_growth": "growth",
        "cfu_total": str(420_000 + 65_000 * (unit.pk % 7)),
        "hla_identity": "confirmed",
    }
    return [
        NewResult(
            assay=assay,
            subject=Subject.UNIT,
            unit=unit,
            sample=segment,
            value=value,
            method="thawed attached segment",
            laboratory=LABORATORY,
        )
        for assay, value in values.items()
    ]


def unverified(donations: Sequence[Donation], lot: Lot | None = None) -> list[int]:
    """The results that await a second person: of these donations, of all that was made of them, and of a lot."""
    ids = [each.pk for each in donations]
    theirs = Q(donation__in=ids) | Q(unit__donation__in=ids)
    waiting = current_results().filter(theirs if lot is None else theirs | Q(lot=lot), verified_at__isnull=True)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def sorted_by_use(units: Sequence[Unit], *, at: datetime) -> tuple[list[Unit], list[Unit]]:
    """What quality finds acceptable for human application, and of the rest for the laboratory."""
    in_force = specifications_in_force()
    chosen: dict[Use, list[Unit]] = {Use.HUMAN_APPLICATION: [], Use.LABORATORY: []}
    left = list(units)
    for use, taken_for_use in chosen.items():
        by_class = {product_class: each for (product_class, for_use), each in in_force.items() if for_use == use}
        facts = acceptance_facts(left, by_class, at=at)
        taken_for_use += [unit for unit in left if not obstacles_to_accepting(use, facts[unit.pk])]
        taken = {unit.pk for unit in taken_for_use}
        left = [unit for unit in left if unit.pk not in taken]
    return chosen[Use.HUMAN_APPLICATION], chosen[Use.LABORATORY]


def _of_unit(unit: Unit, assay: str, value: str, *, method: str) -> NewResult:
    return NewResult(
        assay=assay, subject=Subject.UNIT, unit=unit, value=value, method=method, instrument="Demo analyser 3"
    )
