"""Units as the services make them, from the birth to the shelf, all long before noon."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from biobank.domain.role import Role
from biobank.models.person import Person
from biobank.models.site import Site
from biobank.services.service import service
from consent.models.consent import Consent
from inventory.domain.assay import ASSAYS, AssayGroup, MarkerDemand, Subject
from inventory.domain.container import Grid
from inventory.domain.sample import SampleRole
from inventory.domain.unit import ProductClass, UnitKind, Use
from inventory.models.container import Container, ContainerKind
from inventory.models.unit import Unit
from inventory.queries.placement import free_positions
from inventory.queries.result import current_results
from inventory.services.acceptance import accept_units
from inventory.services.container import NewContainer, NewContainerKind, register_container_kind, register_containers
from inventory.services.donation import Registered
from inventory.services.eligibility import determine_eligibility
from inventory.services.placement import PutAway, put_away
from inventory.services.processing import Child, NewProcessing, process_units
from inventory.services.receipt import receive_collection
from inventory.services.result import NewResult, record_results, verify_results
from tests.factories.donation import COLLECTED_AT, maternity, on_its_way, registered_donation, seen
from tests.factories.donor import GIVEN_AT, form_in_force, recorder
from tests.factories.journey import device
from tests.factories.person import LONG_AGO, credentials, default_site, staff
from tests.factories.specification import specifications_in_force
from tests.factories.time import hours
from tests.kept import keepable

RECEIVED_AT = GIVEN_AT + hours(26)
FROZEN_AT = GIVEN_AT + hours(30)
MEASURED_AT = GIVEN_AT + hours(96)
ACCEPTED_AT = GIVEN_AT + hours(200)

WITHIN: Mapping[str, str] = {
    "tnc": "1100000000",
    "tnc_viability_percent": "95.0",
    "viable_cd34": "3900000",
    "bacterial_culture": "no_growth",
    "fungal_culture": "no_growth",
}
TYPING: Mapping[str, str] = {
    "abo_rh": "O pos",
    "hla_a": "A*01:01+A*02:01",
    "hla_b": "B*07:02+B*08:01",
    "hla_drb1": "DRB1*03:01+DRB1*15:01",
    "hb_screen": "normal",
}
SEGMENT: Mapping[str, str] = {
    "cd34_viability_percent": "88.0",
    "cd45_viability_percent": "60.0",
    "cfu_growth": "growth",
    "hla_identity": "confirmed",
}
BOX = Grid(rows=8, columns=12)


@keepable
def working_bank() -> Site:
    """Return the bank with everybody at work, its consent form and specifications in force, and its usual box."""
    for role in (
        Role.COLLECTION_STAFF,
        Role.LAB_TECHNICIAN,
        Role.STORAGE_TECHNICIAN,
        Role.QUALITY_REVIEWER,
        Role.RELEASING_OFFICER,
        Role.ADMINISTRATOR,
    ):
        staff(role)
    staff(Role.LAB_TECHNICIAN, "the-second-technician")
    recorder()
    maternity()
    form_in_force()
    specifications_in_force()
    device("LOG-1")
    return box().site


def box(code: str = "T01-R01-01", *, at: Site | None = None, grid: Grid = BOX) -> Container:
    """Return the box of this code at the bank, for every product and sample."""
    if found := Container.objects.filter(code=code).first():
        return found
    admin = staff(Role.ADMINISTRATOR)
    name = f"Box {grid.rows} x {grid.columns} {grid.capacity}"
    kind = ContainerKind.objects.filter(name=name).first() or register_container_kind(
        NewContainerKind(name, "box", grid, accepts=(*ProductClass, *SampleRole)), by=admin, at=LONG_AGO
    )
    return register_containers([NewContainer(code, kind, at or default_site())], by=admin, at=LONG_AGO)[0]


@keepable
def received_unit(registered: Registered | None = None, **otherwise: object) -> Unit:
    """Return a collected unit that has come to the bank; ``otherwise`` changes what was seen at receipt."""
    registered = registered or registered_donation()
    unit, shipment = registered.units[0], on_its_way(registered)
    receive_collection(shipment, {unit.pk: seen(unit, **otherwise)}, by=staff(Role.LAB_TECHNICIAN), at=RECEIVED_AT)
    unit.refresh_from_db()
    return unit


@keepable
def frozen_unit(registered: Registered | None = None, **otherwise: object) -> Unit:
    """Return a frozen unit, quarantined and in a position, with its samples and only the computed results."""
    return frozen(received_unit(registered, **otherwise))


def frozen(parent: Unit) -> Unit:
    """Freeze a received unit, counted before, and put it in the box."""
    lab = staff(Role.LAB_TECHNICIAN)
    if parent.product_class == ProductClass.CORD_BLOOD:
        first = NewResult(assay="tnc", subject=Subject.UNIT, unit=parent, value="1300000000")
        record_results([first], by=lab, at=FROZEN_AT)
    unit = process_units([new_processing(parent)], by=lab, at=FROZEN_AT)[0][0]
    put_in_box(unit)
    return unit


def child_of(parent: Unit, **otherwise: Any) -> Child:
    """Return the cryobag, or the piece, that a whole unit is turned into."""
    if parent.product_class != ProductClass.CORD_BLOOD:
        return replace(Child("D0040001", UnitKind.PIECE, taken_g=Decimal(20), mass_g=Decimal(20)), **otherwise)
    bag = Child(
        "S9002V00",
        UnitKind.CRYOBAG,
        taken_ml=parent.volume_ml,
        volume_ml=Decimal(25),
        attached=(SampleRole.SEGMENT, SampleRole.SEGMENT),
        kept=(SampleRole.DNA,),
    )
    return replace(bag, **otherwise)


def new_processing(parent: Unit, **otherwise: Any) -> NewProcessing:
    """Return a run that freezes a whole unit within 30 hours of the birth."""
    usual = NewProcessing(
        parent_id=parent.pk,
        children=(child_of(parent),),
        method="SepaX",
        started_at=FROZEN_AT - hours(2),
        frozen_at=FROZEN_AT,
        operator=staff(Role.LAB_TECHNICIAN),
    )
    return replace(usual, **otherwise)


def put_in_box(unit: Unit) -> None:
    """Put a unit in the first free position of the usual box."""
    place = free_positions([box()], 1)[0]
    wanted = [PutAway(position_id=place.pk, unit_id=unit.pk)]
    put_away(wanted, reason="put away", by=staff(Role.STORAGE_TECHNICIAN), at=FROZEN_AT)


@keepable
def measured_unit(
    registered: Registered | None = None, *, mother: Mapping[str, str] | None = None, **unit_results: str
) -> Unit:
    """Return a frozen unit with every acceptance-stage result verified; results are within limits unless named."""
    return measured(frozen_unit(registered), mother=mother, **unit_results)


def measured(unit: Unit, *, mother: Mapping[str, str] | None = None, **unit_results: str) -> Unit:
    """Enter and verify every acceptance-stage result of a frozen unit and its donation."""
    donation = unit.donation
    own = WITHIN if unit.product_class == ProductClass.CORD_BLOOD else {"mass_g": "20.00"}
    news = [
        *(NewResult(assay, Subject.UNIT, unit=unit, value=value) for assay, value in {**own, **unit_results}.items()),
        *(NewResult(assay, Subject.INFANT, donation=donation, value=value) for assay, value in TYPING.items()),
        *mothers_results(unit, mother or {}),
    ]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=MEASURED_AT)
    verify_all(unit)
    return unit


def mothers_results(unit: Unit, otherwise: Mapping[str, str]) -> list[NewResult]:
    """Return every required marker and finding of a donation, none of them against it unless named."""
    donation = unit.donation
    markers = {
        code: "negative"
        for code, assay in ASSAYS.items()
        if assay.group is AssayGroup.INFECTIOUS_MARKER and assay.demand is MarkerDemand.REQUIRED
    }
    findings = {code: "no_risk" for code, assay in ASSAYS.items() if assay.group is AssayGroup.FINDING}
    return [
        NewResult(
            assay=code,
            subject=Subject.INFANT if Subject.INFANT in ASSAYS[code].subjects else Subject.MOTHER,
            donation=donation,
            value=value,
            approved_test=True,
            diluted=False,
            specimen_at=COLLECTED_AT,
        )
        for code, value in {**markers, **findings, **otherwise}.items()
    ]


def verify_all(unit: Unit) -> None:
    """Verify every result of a unit, its parent and its donation by a second technician."""
    related = current_results().filter(verified_at__isnull=True)
    ids = [
        *related.filter(unit=unit).values_list("pk", flat=True),
        *related.filter(unit__made__child=unit).values_list("pk", flat=True),
        *related.filter(donation=unit.donation).values_list("pk", flat=True),
    ]
    verify_results(ids, by=staff(Role.LAB_TECHNICIAN, "the-second-technician"), at=MEASURED_AT + hours(1))


@keepable
def determined_unit(registered: Registered | None = None, **results: str) -> Unit:
    """Return a measured unit whose donor's eligibility is determined and signed."""
    return determined(measured_unit(registered, **results))


def determined(unit: Unit) -> Unit:
    """Determine and sign the eligibility of a measured unit's donor."""
    quality, at = staff(Role.QUALITY_REVIEWER), MEASURED_AT + hours(2)
    determine_eligibility([unit.donation_id], credentials=credentials(quality), by=quality, at=at)
    return unit


@keepable
def available_unit(
    use: Use = Use.HUMAN_APPLICATION,
    *,
    consent: Consent | None = None,
    product: ProductClass = ProductClass.CORD_BLOOD,
    segment: bool = False,
) -> Unit:
    """Return a unit accepted for a use; with ``segment``, its attached segment is thawed, tested and confirmed too."""
    if segment:
        unit = available_unit(use, consent=consent, product=product)
        confirm_segment(unit)
    else:
        specifications_in_force()
        is_usual = consent is None and product is ProductClass.CORD_BLOOD
        unit = determined_unit(None if is_usual else registered_donation(consent, product=product))
        quality = staff(Role.QUALITY_REVIEWER)
        accept_units([unit.pk], use, credentials=credentials(quality), by=quality, at=ACCEPTED_AT)
    unit.refresh_from_db()
    return unit


@keepable
def available_units(number: int, *, segment: bool = False) -> list[Unit]:
    """Return that many units of as many donors, accepted for human application."""
    return [available_unit(segment=segment) for _ in range(number)]


def available_units_of(consent: Consent, number: int = 2) -> list[Unit]:
    """Return that many units of one donor, all tested before she is determined, their segments confirmed."""
    specifications_in_force()
    units, quality = [measured_unit(registered_donation(consent)) for _ in range(number)], staff(Role.QUALITY_REVIEWER)
    signed, at = credentials(quality), MEASURED_AT + hours(2)
    determine_eligibility([unit.donation_id for unit in units], credentials=signed, by=quality, at=at)
    accept_units([unit.pk for unit in units], Use.HUMAN_APPLICATION, credentials=signed, by=quality, at=ACCEPTED_AT)
    for unit in units:
        confirm_segment(unit)
        unit.refresh_from_db()
    return units


def confirm_segment(unit: Unit, **otherwise: str) -> None:
    """Enter and verify what the thawed segment shows; within limits and confirmed unless named."""
    sample = unit.samples.filter(role="segment").order_by("pk")[0]
    news = [
        NewResult(assay, Subject.UNIT, unit=unit, sample=sample, value=value)
        for assay, value in {**SEGMENT, **otherwise}.items()
    ]
    record_results(news, by=staff(Role.LAB_TECHNICIAN), at=ACCEPTED_AT)
    verify_all(unit)


@service
def within_a_service(call: Callable[[Person], object]) -> None:
    """Call what only a service may call, with a quality reviewer."""
    call(staff(Role.QUALITY_REVIEWER))
