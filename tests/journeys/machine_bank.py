"""All of the machine: what the bank under trial can be asked, by noun."""

from tests.journeys.machine_answer import AnswerMachine
from tests.journeys.machine_consent import ConsentMachine
from tests.journeys.machine_correction import CorrectionMachine
from tests.journeys.machine_delivery import DeliveryMachine
from tests.journeys.machine_deviation import DeviationMachine
from tests.journeys.machine_journey import JourneyMachine
from tests.journeys.machine_lot import LotMachine
from tests.journeys.machine_material import MaterialMachine
from tests.journeys.machine_record import RecordMachine
from tests.journeys.machine_release import ReleaseMachine
from tests.journeys.machine_stocktake import StocktakeMachine


class Bank(
    LotMachine,
    ConsentMachine,
    CorrectionMachine,
    DeviationMachine,
    JourneyMachine,
    StocktakeMachine,
    ReleaseMachine,
    DeliveryMachine,
    MaterialMachine,
    AnswerMachine,
    RecordMachine,
):
    """All of it."""
