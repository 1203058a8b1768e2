"""Battery charge as the pump reported it."""

from collections.abc import Iterator

from custom_components.tconnectsync.tandem.event_types import BatteryReading

from .event_log import DatedPart
from .records import Battery


def battery(log: DatedPart) -> Iterator[Battery]:
    """Yield the battery charge (%) of every event that reports it."""
    for event in log.of(BatteryReading):
        yield Battery(
            key=event.key,
            start=log.at(event),
            pump_time=event.pump_time,
            percent=event.percent,
        )
