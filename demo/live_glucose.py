"""Tell glucose as the app of a sensor would: at once, and not only when the pump's phone uploads."""

from datetime import timedelta
from typing import Any

from .pump import SimulatedPump

LIVE_GLUCOSE = "sensor.live_glucose"
EVERY_SECONDS = 60


def live_state(pump: SimulatedPump) -> dict[str, Any] | None:
    """Return the state of Home Assistant's sensor of it; None before the first reading."""
    reading = pump.sensor.last
    if reading is None:
        return None
    measured = pump.now - timedelta(seconds=pump.timeline.now - reading.second)
    return {
        "state": str(reading.value),
        "attributes": {
            "friendly_name": "Live glucose (simulated)",
            "unit_of_measurement": "mg/dL",
            "device_class": "blood_glucose_concentration",
            "date": measured.isoformat(),
        },
    }
