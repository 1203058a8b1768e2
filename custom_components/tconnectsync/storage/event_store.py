"""The events of one pump, on disk in compact rows and in memory."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import blake2b
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any

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

from .private_files import DayFiles, FileKind, FileMark, can_be_written, unchanged

KEPT_DAYS = 35
"""So many days up to the newest event are held, Tandem is asked for what is older."""
EVENTS = FileKind(
    version=4,
    migrations={1: unchanged, 2: unchanged, 3: unchanged},
    compressed=True,
    with_change=add,
)
PADDING = ("spare", "reserved")
SHORT_LIVED = GlucosePredicted
"""Logged every five minutes and worth nothing an hour later; a quarter of all events."""

type Row = list[Any]
type _Seen = tuple[bytes, FileMark | None]
"""The places in the log of all events that came of a day, as a digest, and its file after they were added."""


class EventStore:
    """The events of one pump: raw on disk, typed in memory; its methods block."""

    def __init__(self, folder: Path) -> None:
        """Keep the events in a folder."""
        self._files = DayFiles(folder, EVENTS)
        self._days: dict[date, tuple[PumpEvent, ...]] = {}
        self._with_short_lived: set[date] = set()
        """Days of which that has not been forgotten."""
        self._newest: dict[date, EventKey] = {}
        """Place of the last event in the log, of each day."""
        self._held: dict[date, int] = {}
        self._seen: dict[date, _Seen] = {}
        """Days whose files need not be read again while nothing else comes."""
        self._highest_counts: dict[date, int] = {}
        self.unreadable = 0
        """How often an event came that has no readable code, place or time, or fits no file, since the start."""
        self.lost = 0
        """How many days were lost and have to be read again."""
        self.unwritten: dict[date, str] = {}
        """Why events of a day are held and not on disk; who adds them again has them written again."""

    @property
    def damaged(self) -> bool:
        """Whether a day was lost and has to be read again."""
        return self.lost > 0

    @property
    def highest_counts(self) -> dict[date, int]:
        """How many events were ever held of each day, to be kept with where reading stands."""
        return dict(self._highest_counts)

    def incomplete_days(self, until: date) -> list[date]:
        """Return the days up to one of which fewer events are held than there were, oldest first."""
        return sorted(
            day
            for day, highest in self.highest_counts.items()
            if day <= until and self._held.get(day, 0) < highest
        )

    @property
    def days(self) -> list[date]:
        """Pump days held, oldest first."""
        return sorted(self._days)

    @property
    def newest_day(self) -> date | None:
        """The pump day of the last event in the log."""
        return max(self._newest, key=lambda day: self._newest[day], default=None)

    def events(self) -> list[PumpEvent]:
        """Return every event held."""
        return [event for day in self.days for event in self._days.get(day, ())]

    def newest_first(self) -> Iterator[PumpEvent]:
        """Yield every event held, from the end of the log on; of days only as many are looked at as are asked for."""
        found: list[PumpEvent] = []
        newest = self._newest
        for day in sorted(newest, key=lambda day: newest[day], reverse=True):
            while found and found[-1].key > newest[day]:
                yield found.pop()
            found = sorted([*found, *self._days[day]], key=lambda event: event.key)
        yield from reversed(found)

    def reaches(self, pump_time: datetime) -> bool:
        """Return whether anything held was logged when the pump's clock showed a time, or later."""
        return any(
            event.pump_time >= pump_time
            for day, events in [*self._days.items()]
            if day >= pump_time.date()
            for event in events
        )

    def by_day(self) -> dict[date, tuple[PumpEvent, ...]]:
        """Return the events held of each pump day, which later ones leave as they are."""
        return {day: self._days.get(day, ()) for day in self.days}

    def raws(self, day: date) -> list[RawEvent]:
        """Return the events of a day in wire shape."""
        return [raw_event(row) for row in self._files.of(day).read() or ()]

    def load(self, highest_counts: Mapping[date, int] | None = None) -> None:
        """Read every day from disk.

        A day of which fewer events are there than were ever held is lost. Where an earlier version
        did not note how many, so is one without a file between others.
        """
        found = self._files.days()
        for day in found:
            if events := self._events_of(day):
                self._hold(day, events)
        self._highest_counts = self._held | dict(
            dict.fromkeys(found, 1) | _between(self._days)
            if highest_counts is None
            else highest_counts
        )
        for day, held in self._held.items():
            self._highest_counts[day] = max(held, self._highest_counts[day])
        self.lost = len(self.incomplete_days(date.max))
        self._forget_short_lived()

    def _events_of(self, day: date) -> list[PumpEvent] | None:
        file = self._files.of(day)
        kept = file.read()
        if not kept:
            return None
        try:
            events = decode_events([raw_event(row) for row in kept]).events
            events = [*{event.key: event for event in events}.values()]
        except TypeError, ValueError:
            file.move_aside()
            return None
        self._held[day] = len(kept)
        return events

    def add(
        self, raws: Iterable[RawEvent], *, hold_unwritten: bool = False
    ) -> set[date]:
        """Keep what is new and return the days it belongs to; nothing is ever taken away.

        What could not be read is new once it comes so that it can.
        What the disk does not take is held all the same on request, else WriteError or OSError are raised.
        """
        found: dict[date, dict[EventKey, RawEvent]] = {}
        for raw in raws:
            header = read_header(raw)
            if header is None:
                self.unreadable += 1
                continue
            of_day = found.setdefault(header["pump_time"].date(), {})
            of_day.setdefault((header["group"], header["number"]), raw)
        changed = set()
        for day, by_key in found.items():
            mended = self._mended(day, by_key)
            try:
                new = self._write_new(day, by_key, mended)
            except (WriteError, OSError) as error:
                if not hold_unwritten:
                    raise
                self.unwritten[day] = str(error)
                new = list(by_key.values())
            else:
                self.unwritten.pop(day, None)
            if new:
                decoded = decode_events(new).events
                replaced = mended.intersection(one.key for one in decoded)
                events = [
                    one for one in self._days.get(day, ()) if one.key not in replaced
                ]
                known = {event.key for event in events}
                self._hold(
                    day, [*events, *(one for one in decoded if one.key not in known)]
                )
                changed.add(day)
        if changed:
            self._forget_short_lived()
        return changed

    def _mended(
        self, day: date, by_key: Mapping[EventKey, RawEvent]
    ) -> frozenset[EventKey]:
        """Return the places of what is held without being understood, and can be read as it comes now."""
        return frozenset(
            one.key
            for one in self._days.get(day, ())
            if one.key in by_key
            and _lacks_content(one)
            and not decode_events([by_key[one.key]]).malformed
        )

    def _write_new(
        self,
        day: date,
        by_key: Mapping[EventKey, RawEvent],
        mended: frozenset[EventKey],
    ) -> list[RawEvent]:
        """Write what the file of a day does not hold yet, and return it."""
        file, places = self._files.of(day), _digest(by_key)
        if not mended and self._seen.get(day) == (places, file.mark()):
            return []
        found = file.read_kept()
        kept = (found and found.data) or []
        self.lost += len(kept) < self._held.get(day, 0)
        held = set(map(row_key, kept)) - mended
        self._held[day] = len(kept)
        unknown = [(raw, row(raw)) for key, raw in by_key.items() if key not in held]
        new = [(raw, compact) for raw, compact in unknown if can_be_written(compact)]
        self.unreadable += len(unknown) - len(new)
        if new:
            rows = [compact for _, compact in new]
            extent = found.extent if found and kept else None
            file.add(rows, extent, lambda: [*kept, *rows])
            self._held[day] += len(new)
            self._highest_counts[day] = max(
                self._held[day], self._highest_counts.get(day, 0)
            )
        if len(new) == len(unknown):
            self._seen[day] = places, file.mark()
        return [raw for raw, _ in new]

    def oldest_to_keep(self, today: date) -> date:
        """Return the first of the last weeks up to the newest day; a clock that ran ahead does not count."""
        newest = max(
            (day for day in self._days if day <= today + ONE_DAY), default=today
        )
        return newest - ONE_DAY * (KEPT_DAYS - 1)

    def forget(self, oldest: date) -> set[date]:
        """Forget the days before the oldest to keep, and return those whose files are to go.

        Of days that a clock dates far ahead only the last are kept.
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
            for of_day in (
                self.unwritten,
                self._days,
                self._newest,
                self._held,
                self._seen,
                self._highest_counts,
            ):
                of_day.pop(day, None)
        return gone

    def remove_files(self, days: Iterable[date]) -> None:
        """Remove the files of days that were forgotten, once it is noted that they were."""
        for day in days:
            self._files.of(day).remove()

    def _hold(self, day: date, events: Iterable[PumpEvent]) -> None:
        """Hold the events of a day in memory, and know the last of them."""
        self._days[day] = events = tuple(events)
        self._with_short_lived.add(day)
        if events:
            self._newest[day] = max(event.key for event in events)

    def _forget_short_lived(self) -> None:
        """Hold no more in memory than is worth something; the files keep everything."""
        newest = self.newest_day
        for day in sorted(self._with_short_lived):
            if newest and newest - day > ONE_DAY:
                self._with_short_lived.discard(day)
                self._days[day] = tuple(
                    one for one in self._days[day] if not isinstance(one, SHORT_LIVED)
                )


def _lacks_content(event: PumpEvent) -> bool:
    """Return whether an event, or the number of an alarm, could not be read."""
    if isinstance(event, AlarmRaised):
        return event.alarm == NO_NUMBER
    return type(event) is PumpEvent and event.code in DECODERS


def _digest(places: Iterable[EventKey]) -> bytes:
    """Return what differs where any of some places in a log does."""
    return blake2b(repr(sorted(places)).encode()).digest()


def _between(days: Iterable[date]) -> dict[date, int]:
    """Return one event for each day between the first and the last, unless a clock dates it ahead."""
    known = sorted(days)
    return {
        before + ONE_DAY * n: 1
        for before, after in pairwise(known)
        if (after - before).days < KEPT_DAYS
        for n in range(1, (after - before).days)
    }


def row(raw: RawEvent) -> Row:
    """Return an event as a compact row, without its padding."""
    properties = raw.get("eventProperties")
    if isinstance(properties, dict):
        properties = {
            key: value
            for key, value in properties.items()
            if not key.startswith(PADDING)
        }
    return [
        raw["eventCode"],
        raw["sequenceGroup"],
        raw["sequenceNumber"],
        raw["pumpDateTime"],
        properties,
    ]


def raw_event(kept: Row) -> RawEvent:
    """Return the event of a row in wire shape."""
    code, group, number, pump_time, properties = kept
    return {
        "eventCode": code,
        "sequenceGroup": group,
        "sequenceNumber": number,
        "pumpDateTime": pump_time,
        "eventProperties": properties,
    }


def row_key(kept: Row) -> EventKey:
    """Return the place in the log of the event in a compact row."""
    _, group, number, *_ = kept
    return group, number
