"""Simulated days for tests, and sums of their events apart from the pump's own count."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from demo.pump import RawEvent, SimulatedPump

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 5, 1, 6, tzinfo=UTC)


def quiet_pump(
    start: datetime = START, time_zone: ZoneInfo = BERLIN, **details: Any
) -> SimulatedPump:
    """Return a pump that only acts on command."""
    return SimulatedPump(start=start, time_zone=time_zone, quiet=True, **details)


def lively_pump(days: float, **details: Any) -> SimulatedPump:
    """Return a pump that was in use for some days."""
    pump = SimulatedPump(start=START, time_zone=BERLIN, **details)
    pump.run_for(days=days)
    return pump


def of(events: Iterable[RawEvent], *codes: int) -> list[RawEvent]:
    """Return the events with these codes."""
    return [event for event in events if event["eventCode"] in codes]


def properties(events: Iterable[RawEvent], code: int) -> list[dict[str, Any]]:
    """Return the properties of the events with a code."""
    return [event["eventProperties"] for event in of(events, code)]


def rates(pump: SimulatedPump) -> Iterator[tuple[datetime, float]]:
    """Return the changes of the basal rate in U/h, by 279 and 11 alone."""
    for instant, event in zip(pump.instants, pump.events, strict=True):
        if event["eventCode"] == 279:
            yield instant, event["eventProperties"]["commandedRate"] / 1000
        elif event["eventCode"] == 11:
            yield instant, 0.0


def basal_by_events(pump: SimulatedPump) -> float:
    """Return the basal units of the events up to now."""
    changes = list(rates(pump))
    ends = [instant for instant, _ in changes[1:]] + [pump.now]
    return sum(
        rate * (end - start).total_seconds() / 3600
        for (start, rate), end in zip(changes, ends, strict=True)
    )


def bolus_by_events(pump: SimulatedPump) -> float:
    """Return the bolus units of the ends of boluses."""
    ends = of(pump.events, 20, 21)
    return sum(float(end["eventProperties"]["insulinDelivered"]) for end in ends)
