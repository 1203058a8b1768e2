"""The description of a pump's sensor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from custom_components.tconnectsync.entity import PumpEntityDescription
from custom_components.tconnectsync.read.pump_data import PumpData
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.const import UnitOfMass
from homeassistant.helpers.typing import StateType

UNITS: Final = "U"
UNITS_PER_HOUR: Final = "U/h"
GRAMS: Final = UnitOfMass.GRAMS


@dataclass(frozen=True, kw_only=True)
class PumpSensorDescription(PumpEntityDescription, SensorEntityDescription):
    """A value that the pump reported."""

    value_fn: Callable[[PumpData], StateType | datetime]
    has_fn: Callable[[PumpData], bool] = lambda data: True
    """Whether the pump in use can have it; True while that is not known."""
