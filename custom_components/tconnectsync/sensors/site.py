"""Cartridge, tubing and site, and the insulin left in the cartridge."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from custom_components.tconnectsync.entity import newest_event_with
from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.therapy.records import Fill
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass

from .description import UNITS, PumpSensorDescription


def _reservoir_attributes(data: PumpData) -> dict[str, Any]:
    reservoir = data.figures.reservoir
    return {
        "reading": reservoir.reading if reservoir else None,
        "read_at": iso(reservoir.read_at if reservoir else None),
        "filled": reservoir.filled if reservoir else None,
    }


def _lasts_until(data: PumpData) -> datetime | None:
    """Return the estimate without its seconds."""
    until = data.figures.cartridge_lasts_until
    return until and until.replace(second=0, microsecond=0)


def _fill(
    key: str, fill_fn: Callable[[PumpData], Fill | None], *, enabled: bool = True
) -> PumpSensorDescription:
    def amount(data: PumpData) -> dict[str, Any]:
        fill = fill_fn(data)
        return {"amount": fill.amount} if fill else {}

    return PumpSensorDescription(
        key=key,
        entity_registry_enabled_default=enabled,
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=lambda data: fill.start if (fill := fill_fn(data)) else None,
        attributes_fn=amount,
    )


SENSORS = (
    PumpSensorDescription(
        key="reservoir",
        native_unit_of_measurement=UNITS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda data: (
            round(data.figures.reservoir.left, 2) if data.figures.reservoir else None
        ),
        as_of_fn=newest_event_with(lambda data: data.figures.reservoir),
        attributes_fn=_reservoir_attributes,
    ),
    PumpSensorDescription(
        key="cartridge_lasts_until",
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_lasts_until,
        as_of_fn=newest_event_with(lambda data: data.figures.cartridge_lasts_until),
    ),
    _fill("cartridge_changed", lambda data: data.state.cartridge, enabled=False),
    _fill("site_changed", lambda data: data.state.site),
    _fill("tubing_filled", lambda data: data.state.tubing, enabled=False),
)
