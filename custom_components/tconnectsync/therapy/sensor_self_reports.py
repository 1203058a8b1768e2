"""A sensor's reports about its own condition, in its readings and in the alerts about it."""

from custom_components.tconnectsync.tandem.alarm_numbers import CgmAlertNumber
from custom_components.tconnectsync.tandem.event_codes import EventCode
from custom_components.tconnectsync.tandem.event_types import CgmReadingLogged

from .records import SensorCondition

WARMING_UP, FAILED = SensorCondition.WARMING_UP, SensorCondition.FAILED
EXPIRED, ENDED = SensorCondition.EXPIRED, SensorCondition.ENDED
ENDING = frozenset({FAILED, EXPIRED, ENDED})
LIBRE: dict[int, SensorCondition | None] = {
    2: WARMING_UP,
    **dict.fromkeys(range(101, 108)),
}
NO_VALUE: dict[int, dict[int, SensorCondition | None]] = {
    EventCode.G6_READING: {
        1: ENDED,
        2: WARMING_UP,
        **dict.fromkeys((4, 5, 8, 9, 10, 13, 18)),
        **dict.fromkeys((11, 12, 15, 16, 17), FAILED),
    },
    EventCode.G7_READING: {
        1: ENDED,
        2: WARMING_UP,
        30: WARMING_UP,
        31: WARMING_UP,
        33: None,
        34: EXPIRED,
        35: FAILED,
        36: ENDED,
        37: FAILED,
        38: FAILED,
        39: FAILED,
    },
    EventCode.LIBRE_2_READING: LIBRE,
    EventCode.LIBRE_3_READING: LIBRE,
}
"""By the code of a reading: the algorithm states without a glucose value, and the condition each means.

Tandem's own list names them for 399 and 372; 256 carries the states of Dexcom's transmitters, of
which Tandem calls 6, 7 and 14 valid.
"""
FAILED_STATE = 35
"""A G7's algorithm state, which an alert has as its parameter."""


def condition_of(event: CgmReadingLogged) -> SensorCondition | None:
    """Return the condition that a reading reports about its sensor; None when it is well or not reported."""
    algorithm_state = event.algorithm_state
    return (
        None if algorithm_state is None else NO_VALUE[event.code].get(algorithm_state)
    )


def alert_condition(number: int, parameter: int | None) -> SensorCondition | None:
    """Return the condition that a CGM alert reports about its sensor; None for other alerts."""
    if number not in (CgmAlertNumber.SENSOR_FAILED, CgmAlertNumber.SENSOR_EXPIRED):
        return None
    if number == CgmAlertNumber.SENSOR_FAILED or parameter == FAILED_STATE:
        return FAILED
    return EXPIRED
