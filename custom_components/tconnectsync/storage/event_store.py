"""The events of one pump, on disk in compact rows and in memory."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from custom_components.tconnectsync.const import KEPT_DAYS
from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.tandem.decode import decode_events, read_header
from custom_components.tconnectsync.tandem.event_types import (
    EventKey,
    PredictedGlucose,
    PumpEvent,
    RawEvent,
)

from .private_files import DayFiles, FileKind, can_be_written, unchanged

EVENTS = FileKind(version=2, migrations={1: unchanged})
PADDING = ("spare", "reserved")
PASSING = PredictedGlucose
"""Logged every five minutes and worth nothing an hour later; a quarter of all events."""

type Row = list[Any]


class PumpStore:
    """The events of one pump: raw on disk, typed in memory; its methods block."""

    def __init__(self, folder: Path) -> None:
        """Keep the events in a folder."""
        self._files = DayFiles(folder, EVENTS)
        self._days: dict[date, list[PumpEvent]] = {}
        self.unreadable = 0
        """How often an event came that has no readable code, place or time, or fits no file, since the start."""
        self.lost = 0
        """How many days were lost and have to be read again."""

    @property
    def damaged(self) -> bool:
        """Whether a day was lost and has to be read again."""
        return self.lost > 0

    @property
    def days(self) -> list[date]:
        """Pump days held, oldest first."""
        return sorted(self._days)

    @property
    def newest_day(self) -> date | None:
        """The pump day of the last event in the log."""
        newest = max(
            (event for events in self._days.values() for event in events),
            key=lambda event: event.key,
            default=None,
        )
        return newest.pump_time.date() if newest else None

    def events(self) -> list[PumpEvent]:
        """Return every event held."""
        return [event for day in self.days for event in self._days.get(day, ())]

    def raws(self, day: date) -> list[RawEvent]:
        """Return the events of a day in wire shape."""
        return [raw_event(row) for row in self._files.of(day).read() or ()]

    def load(self) -> None:
        """Read every day from disk."""
        for day in self._files.days():
            events = self._events_of(day)
            if events is None:
                self.lost += 1
            else:
                self._days[day] = events
        self._forget_passing()

    def _events_of(self, day: date) -> list[PumpEvent] | None:
        file = self._files.of(day)
        kept = file.read()
        if kept is None:
            return None
        try:
            return decode_events([raw_event(row) for row in kept]).events
        except TypeError, ValueError:
            file.move_aside()
            return None

    def add(self, raws: Iterable[RawEvent]) -> set[date]:
        """Keep what is new and return the days it belongs to; nothing is ever taken away."""
        found: dict[date, dict[EventKey, RawEvent]] = {}
        for raw in raws:
            header = read_header(raw)
            if header is None or not can_be_written(row(raw)):
                self.unreadable += 1
                continue
            of_day = found.setdefault(header["pump_time"].date(), {})
            of_day.setdefault((header["group"], header["number"]), raw)
        changed = set()
        for day, by_key in found.items():
            file = self._files.of(day)
            kept = file.read()
            self.lost += day in self._days and kept is None
            held = set(map(row_key, kept or ()))
            if new := [raw for key, raw in by_key.items() if key not in held]:
                file.write([*(kept or ()), *map(row, new)])
                events = self._days.setdefault(day, [])
                known = {event.key for event in events}
                events += [
                    event
                    for event in decode_events(new).events
                    if event.key not in known
                ]
                changed.add(day)
        if changed:
            self._forget_passing()
        return changed

    def oldest_to_keep(self, today: date) -> date:
        """Return the first of the last weeks up to the newest day; a clock that ran ahead does not count."""
        newest = max(
            (day for day in self._days if day <= today + ONE_DAY), default=today
        )
        return newest - ONE_DAY * (KEPT_DAYS - 1)

    def prune(self, oldest: date) -> None:
        """Forget the days before the oldest to keep.

        Of days that a clock dates far ahead only the last are kept.
        """
        ahead = oldest + ONE_DAY * (KEPT_DAYS + 1)
        oldest_ahead = max(self._days, default=oldest) - ONE_DAY * (KEPT_DAYS - 1)
        for day in [
            day for day in self._days if day < oldest or ahead < day < oldest_ahead
        ]:
            del self._days[day]
            self._files.of(day).remove()

    def _forget_passing(self) -> None:
        """Hold no more in memory than is worth something; the files keep everything."""
        newest = self.newest_day
        for day, events in self._days.items():
            if newest and newest - day > ONE_DAY:
                self._days[day] = [
                    event for event in events if not isinstance(event, PASSING)
                ]


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
