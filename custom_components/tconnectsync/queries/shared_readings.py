"""Readings of a sensor that several pumps listened to, each once, as Nightscout gets them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from custom_components.tconnectsync.instants import FAR_FUTURE
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents.shared_sensor import (
    own_readings,
    readings_near,
    with_certain_clocks,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.timeline import between


def with_readings_once(
    histories: Mapping[str, History], start: datetime, end: datetime | None
) -> dict[str, History]:
    """Return the histories by serial number with the readings of a span, each of one pump only."""
    if len(histories) < 2:
        return dict(histories)
    of_span = {
        PumpIdentity(serial_number=serial_number, model=""): replace(
            history, readings=between(history.readings, start, end or FAR_FUTURE)
        )
        for serial_number, history in histories.items()
    }
    found: dict[str, History] = {}
    for pump, history in of_span.items():
        readings = history.readings
        others = with_certain_clocks(pump, history, of_span)
        if readings and (near := readings_near(readings, others)):
            readings = own_readings(readings, pump, near)
        found[pump.serial_number] = replace(history, readings=readings)
    return found
