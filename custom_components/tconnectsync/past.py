"""Reading days of long ago, without keeping them."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .reading import AccountReader
from .store import AccountStore
from .tandem import Pump, Pumper
from .tandem.client import MAX_DAYS_PER_REQUEST
from .tandem.decode import decode_events
from .tandem.events import DateChanged, PumpEvent, RawEvent, TimeChanged
from .therapy.history import History, derive

ONE_DAY = timedelta(days=1)
CONTEXT = ONE_DAY
LOOK_AHEAD = 2 * ONE_DAY
PAGE = ONE_DAY * MAX_DAYS_PER_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some pump days whose records are whole, of every pump worn then."""

    first: date
    last: date
    histories: dict[str, History]
    """By serial number; they hold a little of the days around as well."""


class _PumpPast:
    """The events of one pump around the days that are looked at."""

    def __init__(
        self, pump: Pump, zone: ZoneInfo, last_upload: datetime | None
    ) -> None:
        self.pump = pump
        self._zone = zone
        self._last_upload = last_upload
        self._events: list[PumpEvent] = []
        self._clock_changes: list[TimeChanged | DateChanged] = []

    def take(self, raws: Iterable[RawEvent], clock_changes: Iterable[RawEvent]) -> None:
        """Add a page."""
        self._events += decode_events(raws).events
        self._clock_changes = [
            event
            for event in decode_events(clock_changes).events
            if isinstance(event, TimeChanged | DateChanged)
        ]

    def history(self) -> History:
        """Derive what happened."""
        return derive(self._events, self._clock_changes, self._zone, self._last_upload)

    def forget_before(self, day: date) -> None:
        """Drop the days that are no longer needed as context."""
        self._events = [
            event for event in self._events if event.pump_time.date() >= day
        ]


async def past_days(
    reader: AccountReader,
    store: AccountStore,
    pumper: Pumper,
    zone: ZoneInfo,
    span: tuple[date, date],
) -> AsyncIterator[Stretch]:
    """Yield the pump days of a span, oldest first, each with its neighbours read.

    Raises any of the errors of tandem.errors.
    """
    first, last = span
    worn = [
        _PumpPast(pump, zone, store.last_upload(pump.serial_number))
        for pump in reader.worn_between(pumper, first, last)
    ]
    done, page, end = first - ONE_DAY, first - CONTEXT, last + LOOK_AHEAD
    while page <= end:
        page_end = min(page + PAGE - ONE_DAY, end)
        for past in worn:
            answer = await reader.read_past(past.pump, page, page_end)
            await store.run(past.take, answer.events, answer.clock_changes)
        ready = last if page_end == end else min(page_end - LOOK_AHEAD, last)
        if ready > done:
            yield Stretch(
                first=done + ONE_DAY,
                last=ready,
                histories={
                    past.pump.serial_number: await store.run(past.history)
                    for past in worn
                },
            )
            done = ready
            for past in worn:
                past.forget_before(done)
        page = page_end + ONE_DAY
