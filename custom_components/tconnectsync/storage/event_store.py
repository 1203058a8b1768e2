"""The stored events of one pump, on disk as compact rows and in memory as typed events."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import blake2b
from itertools import pairwise
from operator import add
from pathlib import Path

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.tandem.alarm_names import NO_NUMBER
from custom_components.tconnectsync.tandem.decode import (
    DECODERS,
    decode_events,
    read_header,
)
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    EventKey,
    GlucosePredicted,
    PumpEvent,
    RawEvent,
)
from homeassistant.util.file import WriteError

from .event_rows import raw_event, row_key, to_row
from .private_files import DayFiles, FileKind, FileMark, can_be_written, unchanged

KEPT_DAYS = 35
"""How many days up to the newest event are stored; older days are read from Tandem on request."""
EVENTS = FileKind(
    version=4,
    migrations={1: unchanged, 2: unchanged, 3: unchanged},
    compressed=True,
    with_change=add,
)
SHORT_LIVED = GlucosePredicted
"""Logged every five minutes and useless an hour later; a quarter of all events."""

type _Seen = tuple[bytes, FileMark | None]
"""A digest of the keys of all events that arrived for a day, and the day's file after they were added."""


class EventStore:
    """The events of one pump: raw on disk, typed in memory; methods that use the disk block."""

    def __init__(self, folder: Path) -> None:
        """Store the events in a folder."""
        self._files = DayFiles(folder, EVENTS)
        self._days: dict[date, tuple[PumpEvent, ...]] = {}
        self._with_short_lived: set[date] = set()
        """Days whose short-lived events are still in memory."""
        self._newest: dict[date, EventKey] = {}
        """The key of each day's last event."""
        self._stored_counts: dict[date, int] = {}
        self._seen: dict[date, _Seen] = {}
        """Days whose files need not be read again until other events arrive."""
        self._highest_counts: dict[date, int] = {}
        self.unreadable = 0
        """How many events since the start had no readable code, number or time, or could not be stored as JSON."""
        self.lost_days = 0
        """How many days were lost and must be read again."""
        self.unwritten: dict[date, str] = {}
        """Why a day's events are in memory but not on disk; adding them again writes them again."""

    @property
    def damaged(self) -> bool:
        """Whether a day was lost and must be read again."""
        return self.lost_days > 0

    @property
    def highest_counts(self) -> dict[date, int]:
        """The highest number of events ever stored for each day, to be saved with the reading progress."""
        return dict(self._highest_counts)

    def incomplete_days(self, until: date) -> list[date]:
        """Return the days up to `until` that have fewer events than they once had, oldest first."""
        return sorted(
            day
            for day, highest in self.highest_counts.items()
            if day <= until and self._stored_counts.get(day, 0) < highest
        )

    @property
    def days(self) -> list[date]:
        """The stored pump days, oldest first."""
        return sorted(self._days)

    @property
    def newest_day(self) -> date | None:
        """The pump day of the log's last event."""
        return max(self._newest, key=lambda day: self._newest[day], default=None)

    def events(self) -> list[PumpEvent]:
        """Return every event in memory."""
        return [event for day in self.days for event in self._days.get(day, ())]

    def newest_first(self) -> Iterator[PumpEvent]:
        """Yield the events from the end of the log backwards, looking at no more days than needed."""
        events: list[PumpEvent] = []
        newest = self._newest
        for day in sorted(newest, key=lambda day: newest[day], reverse=True):
            while events and events[-1].key > newest[day]:
                yield events.pop()
            events = sorted([*events, *self._days[day]], key=lambda event: event.key)
        yield from reversed(events)

    def reaches(self, pump_time: datetime) -> bool:
        """Return whether any event was logged at a time of the pump's clock, or later."""
        return any(
            event.pump_time >= pump_time
            for day, events in [*self._days.items()]
            if day >= pump_time.date()
            for event in events
        )

    def by_day(self) -> dict[date, tuple[PumpEvent, ...]]:
        """Return the events in memory by pump day; adding events does not change what was returned."""
        return {day: self._days.get(day, ()) for day in self.days}

    def raws(self, day: date) -> list[RawEvent]:
        """Return the events of a day in wire format, read from disk."""
        return [*map(raw_event, self._files.of(day).read() or ())]

    def load(self, highest_counts: Mapping[date, int] | None = None) -> None:
        """Read every day from disk.

        A day with fewer events than it ever had is lost. Without these numbers, as an earlier
        version left it, so is a day without a file between others.
        """
        days = self._files.days()
        for day in days:
            if events := self._events_of(day):
                self._set_day(day, events)
        self._highest_counts = self._stored_counts | dict(
            dict.fromkeys(days, 1) | _between(self._days)
            if highest_counts is None
            else highest_counts
        )
        for day, count in self._stored_counts.items():
            self._highest_counts[day] = max(count, self._highest_counts[day])
        self.lost_days = len(self.incomplete_days(date.max))
        self._forget_short_lived()

    def _events_of(self, day: date) -> list[PumpEvent] | None:
        file = self._files.of(day)
        rows = file.read()
        if not rows:
            return None
        try:
            events = decode_events(map(raw_event, rows)).events
            events = [*{event.key: event for event in events}.values()]
        except TypeError, ValueError:
            file.move_aside()
            return None
        self._stored_counts[day] = len(rows)
        return events

    def add(
        self, raws: Iterable[RawEvent], *, keep_unwritten: bool = False
    ) -> set[date]:
        """Store new events and return their days; nothing is ever removed.

        An event stored as unreadable is replaced once it arrives in readable form.
        If writing fails, the events stay in memory with `keep_unwritten`, else WriteError or OSError is raised.
        """
        arrived: dict[date, dict[EventKey, RawEvent]] = {}
        for raw in raws:
            header = read_header(raw)
            if header is None:
                self.unreadable += 1
                continue
            by_key = arrived.setdefault(header["pump_time"].date(), {})
            by_key.setdefault((header["group"], header["number"]), raw)
        changed = set()
        for day, by_key in arrived.items():
            now_readable = self._now_readable(day, by_key)
            try:
                new = self._write_new(day, by_key, now_readable)
            except (WriteError, OSError) as error:
                if not keep_unwritten:
                    raise
                self.unwritten[day] = str(error)
                new = list(by_key.values())
            else:
                self.unwritten.pop(day, None)
            if new:
                self._add_to_memory(day, new, now_readable)
                changed.add(day)
        if changed:
            self._forget_short_lived()
        return changed

    def _add_to_memory(
        self, day: date, new: Iterable[RawEvent], now_readable: frozenset[EventKey]
    ) -> None:
        """Add events to a day in memory; those that are readable now replace the unreadable ones."""
        decoded = decode_events(new).events
        replaced = now_readable.intersection(event.key for event in decoded)
        events = [
            event for event in self._days.get(day, ()) if event.key not in replaced
        ]
        stored_keys = {event.key for event in events}
        self._set_day(
            day,
            [*events, *(event for event in decoded if event.key not in stored_keys)],
        )

    def _now_readable(
        self, day: date, by_key: Mapping[EventKey, RawEvent]
    ) -> frozenset[EventKey]:
        """Return the keys of stored events that were unreadable and are readable as they arrive now."""
        return frozenset(
            event.key
            for event in self._days.get(day, ())
            if event.key in by_key
            and _lacks_content(event)
            and not decode_events([by_key[event.key]]).malformed
        )

    def _write_new(
        self,
        day: date,
        by_key: Mapping[EventKey, RawEvent],
        now_readable: frozenset[EventKey],
    ) -> list[RawEvent]:
        """Write the events that the day's file lacks, and return them."""
        file, digest = self._files.of(day), _digest(by_key)
        if not now_readable and self._seen.get(day) == (digest, file.mark()):
            return []
        content = file.read_content()
        stored = (content and content.data) or []
        self.lost_days += len(stored) < self._stored_counts.get(day, 0)
        stored_keys = set(map(row_key, stored)) - now_readable
        self._stored_counts[day] = len(stored)
        missing = [
            (raw, to_row(raw)) for key, raw in by_key.items() if key not in stored_keys
        ]
        new = [(raw, row) for raw, row in missing if can_be_written(row)]
        self.unreadable += len(missing) - len(new)
        if new:
            rows = [row for _, row in new]
            extent = content.extent if content and stored else None
            file.add(rows, extent, lambda: [*stored, *rows])
            self._stored_counts[day] += len(new)
            self._highest_counts[day] = max(
                self._stored_counts[day], self._highest_counts.get(day, 0)
            )
        if len(new) == len(missing):
            self._seen[day] = digest, file.mark()
        return [raw for raw, _ in new]

    def oldest_to_keep(self, today: date) -> date:
        """Return the first of the KEPT_DAYS up to the newest day; days dated by a clock that ran ahead do not count."""
        newest = max(
            (day for day in self._days if day <= today + ONE_DAY), default=today
        )
        return newest - ONE_DAY * (KEPT_DAYS - 1)

    def forget(self, oldest: date) -> set[date]:
        """Forget the days before the oldest to keep, and return those whose files must be removed.

        Of days that a clock dates far ahead, only the last KEPT_DAYS are kept.
        """
        ahead = oldest + ONE_DAY * (KEPT_DAYS + 1)
        oldest_ahead = max(self._days, default=oldest) - ONE_DAY * (KEPT_DAYS - 1)
        gone = {
            day
            for day in self._days.keys() | self._highest_counts.keys()
            if day < oldest or ahead < day < oldest_ahead
        }
        self._with_short_lived -= gone
        for day in gone:
            for by_day in (
                self.unwritten,
                self._days,
                self._newest,
                self._stored_counts,
                self._seen,
                self._highest_counts,
            ):
                by_day.pop(day, None)
        return gone

    def remove_files(self, days: Iterable[date]) -> None:
        """Remove the files of forgotten days, once the account's state on disk says that they are."""
        for day in days:
            self._files.of(day).remove()

    def _set_day(self, day: date, events: Iterable[PumpEvent]) -> None:
        """Set the events of a day in memory, and note the key of the last."""
        self._days[day] = events = tuple(events)
        self._with_short_lived.add(day)
        if events:
            self._newest[day] = max(event.key for event in events)

    def _forget_short_lived(self) -> None:
        """Drop old short-lived events from memory; the files keep them."""
        newest = self.newest_day
        for day in sorted(self._with_short_lived):
            if newest and newest - day > ONE_DAY:
                self._with_short_lived.discard(day)
                self._days[day] = tuple(
                    event
                    for event in self._days[day]
                    if not isinstance(event, SHORT_LIVED)
                )


def _lacks_content(event: PumpEvent) -> bool:
    """Return whether an event, or the number of an alarm, was unreadable."""
    if isinstance(event, AlarmRaised):
        return event.alarm == NO_NUMBER
    return type(event) is PumpEvent and event.code in DECODERS


def _digest(keys: Iterable[EventKey]) -> bytes:
    """Return a digest of event keys, in any order."""
    return blake2b(repr(sorted(keys)).encode()).digest()


def _between(days: Iterable[date]) -> dict[date, int]:
    """Return a count of one for each day that is missing between others, except across a jump of the clock."""
    in_order = sorted(days)
    return {
        before + ONE_DAY * n: 1
        for before, after in pairwise(in_order)
        if (after - before).days < KEPT_DAYS
        for n in range(1, (after - before).days)
    }
