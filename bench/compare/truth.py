"""What truly happened: the pump's own events and, of a simulated pump, their true instants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from demo.pump import RecordedPump, SimulatedPump

PUMP_EPOCH = datetime(2008, 1, 1)  # noqa: DTZ001  the pump's clock knows no zone
NEAR = 12
GOES_ON = timedelta(minutes=10)
"""How long the last rate of such a span is drawn past it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One event of a pump."""

    place: int
    """Its place in the log."""
    number: int
    code: int
    properties: dict[str, Any]
    shown: datetime
    """What the pump's clock showed."""
    instant: datetime
    """UTC, when it truly was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A pump's events by number; no number is used twice in one comparison."""

    zone: ZoneInfo
    events: dict[int, Logged]
    now: datetime
    basal: Callable[[datetime, datetime], float] | None = None
    """Basal units that a simulated pump truly delivered between two instants."""
    bolus: float | None = None
    """Bolus units that it truly delivered until its newest event."""
    carbs: float | None = None
    misdated: list[tuple[datetime, datetime]] = field(default_factory=list)
    """Spans (UTC) in which the zone's time and the true time of events do not agree."""

    @property
    def newest(self) -> datetime:
        """Instant of the last event in the log."""
        return next(reversed(self.events.values())).instant

    def by_zone(self, shown: datetime) -> datetime:
        """Return the instant of a wall clock time for who knows the zone and nothing else."""
        return shown.replace(tzinfo=self.zone).astimezone(UTC)

    def egv_shown(self, event: Logged) -> datetime:
        """Return when a sensor reading was, on the pump's clock."""
        return PUMP_EPOCH + timedelta(seconds=event.properties["egvTimeStamp"])

    def egv_instant(self, event: Logged) -> datetime:
        """Return when a sensor reading was; it was stamped by the clock of its event."""
        return event.instant - (event.shown - self.egv_shown(event))

    @property
    def days_without_rates(self) -> set[date]:
        """Pump days whose log has changes of the rate (3), but no delivered rate (279)."""
        days = {279: set[date](), 3: set[date]()}
        for event in self.events.values():
            if event.code in days:
                days[event.code].add(event.shown.date())
        return days[3] - days[279]

    def overwritten(self, event: Logged, codes: set[int]) -> str | None:
        """Return why Nightscout replaced tconnectsync's document of an event, None without a reason.

        It holds one document of a type for each second.
        """
        same = [
            other
            for other in self.events.values()
            if other.shown == event.shown and other.code in codes and other is not event
        ]
        if not same:
            return None
        at_once = any(other.instant == event.instant for other in same)
        return "two-in-one-second" if at_once else "moved-clock"

    def around(self, event: Logged) -> list[Logged]:
        """Return the events logged shortly before and after one."""
        first = max(0, event.place - NEAR)
        return list(islice(self.events.values(), first, event.place + NEAR))

    def next_of(self, event: Logged, *codes: int) -> Logged | None:
        """Return the next event of some codes in the log."""
        later = islice(self.events.values(), event.place + 1, None)
        return next((other for other in later if other.code in codes), None)


def truth_of(pump: SimulatedPump | RecordedPump, zone: ZoneInfo) -> Truth:
    """Return the facts that a pump can confirm."""
    events = {
        raw["sequenceNumber"]: Logged(
            place=place,
            number=raw["sequenceNumber"],
            code=raw["eventCode"],
            properties=raw["eventProperties"],
            shown=datetime.fromisoformat(raw["pumpDateTime"]),
            instant=instant,
        )
        for place, (raw, instant) in enumerate(
            zip(pump.events, pump.instants, strict=True)
        )
    }
    if len(events) != len(pump.events):
        raise ValueError("a sequence number came twice")
    beginning = pump.instants[0]
    if isinstance(pump, SimulatedPump):
        found = Truth(
            zone=zone,
            events=events,
            now=pump.now,
            basal=pump.basal_delivered,
            bolus=pump.bolus_delivered(beginning, pump.instants[-1]),
            carbs=pump.carbs(beginning, pump.now),
        )
    else:
        found = Truth(zone=zone, events=events, now=pump.instants[-1])
    found.misdated.extend(_misdated(found))
    return found


def _misdated(found: Truth) -> list[tuple[datetime, datetime]]:
    """Return one span for each run of events whose two instants differ."""
    spans: list[tuple[datetime, datetime]] = []
    before: datetime | None = None
    running = False
    for event in found.events.values():
        by_zone = found.by_zone(event.shown)
        if by_zone != event.instant:
            both = (event.instant, by_zone)
            earliest = min(*both, before or event.instant)
            if running:
                since, until = spans.pop()
                spans.append((min(since, earliest), max(until, *both)))
            else:
                spans.append((earliest, max(both)))
            running = True
        elif running:
            since, until = spans.pop()
            spans.append((since, max(until, event.instant) + GOES_ON))
            running = False
        before = event.instant
    return spans
