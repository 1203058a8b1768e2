"""How far each pump's log has been read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from custom_components.tconnectsync.tandem import UNNAMED_MODEL, Pump
from custom_components.tconnectsync.therapy.clock.uploads import Upload

from .event_rows import EventRow, raw_event
from .json_values import (
    date_to_json,
    dict_of,
    optional,
    require_count,
    require_date,
    require_datetime,
    require_dict,
    require_list,
    require_str,
)

type UploadMark = tuple[str | None, str | None, str | None]
"""The parts of the pumper answer that change with an upload: its time, the newest event and the settings."""


@dataclass(slots=True, kw_only=True)
class PumpReadProgress:
    """How far one pump's log has been read."""

    model: str | None = None
    """The last model name from Tandem; documents in Nightscout contain it."""
    last_complete_upload: UploadMark | None = None
    """The upload mark when the log was last read completely."""
    complete_from: date | None = None
    """The pump day from which everything was read; records of later days are complete."""
    complete_from_next: date | None = None
    """`complete_from` once the running read finishes; no day counts as complete until then."""
    last_upload: datetime | None = None
    """The latest upload seen (UTC)."""
    read_at: datetime | None = None
    """When the log was last read without Tandem saying when it was uploaded (UTC)."""
    late_data_read_at: datetime | None = None
    """When the last four weeks were last read again (UTC)."""
    highest_counts: dict[date, int] | None = None
    """The highest number of events ever stored for each pump day; None where an older version noted none."""
    clock_changes: list[EventRow] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    """The last few uploads with new events, and the last of each day and of each setting of the clock."""

    @property
    def known_until(self) -> datetime | None:
        """The instant (UTC) up to which the pump's events can be known."""
        return max(filter(None, (self.last_upload, self.read_at)), default=None)

    @property
    def newest_named(self) -> datetime | None:
        """The newest event (pump's clock) that Tandem named when the log was last read completely."""
        mark = self.last_complete_upload
        return datetime.fromisoformat(mark[1]) if mark and mark[1] else None

    @property
    def read_to(self) -> date | None:
        """The pump day of that event."""
        return self.newest_named and self.newest_named.date()

    def start_reading(self, first: date) -> None:
        """Note that reading starts again at a pump day; no day counts as complete until it finishes."""
        self.complete_from_next = min(self.complete_from_next or first, first)

    def finish_reading(self, complete_from: date, mark: UploadMark | None) -> None:
        """Note that everything from a pump day on was read, up to an upload."""
        self.complete_from, self.complete_from_next = complete_from, None
        self.last_complete_upload = mark

    def note_model(self, pump: Pump) -> None:
        """Note the pump's model name, unless Tandem left it out."""
        if pump.model != UNNAMED_MODEL:
            self.model = pump.model

    def note_upload(self, at: datetime) -> None:
        """Note the time of an upload (UTC), unless a later one was seen."""
        self.last_upload = max(self.last_upload or at, at)

    def forget(self) -> None:
        """Have everything read again, because a stored day was lost."""
        self.last_complete_upload = self.complete_from = self.late_data_read_at = None

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        stored = require_dict(stored)
        return cls(
            model=optional(require_str, stored.get("model")),
            last_complete_upload=optional(_upload_mark, stored.get("complete")),
            complete_from=optional(require_date, stored.get("read_from")),
            complete_from_next=optional(require_date, stored.get("reading_from")),
            last_upload=optional(require_datetime, stored.get("last_upload")),
            read_at=optional(require_datetime, stored.get("read_at")),
            late_data_read_at=optional(require_datetime, stored.get("swept")),
            highest_counts=optional(_counts, stored.get("events")),
            clock_changes=[_row(row) for row in require_list(stored["clock_changes"])],
            uploads=[*map(_upload, require_list(stored.get("uploads", [])))],
        )

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {
            **({"model": self.model} if self.model else {}),
            "complete": self.last_complete_upload,
            "read_from": date_to_json(self.complete_from),
            "reading_from": date_to_json(self.complete_from_next),
            "last_upload": self.last_upload,
            "read_at": self.read_at,
            "swept": self.late_data_read_at,
            "events": None
            if self.highest_counts is None
            else {day.isoformat(): count for day, count in self.highest_counts.items()},
            "clock_changes": list(self.clock_changes),
            "uploads": [
                [upload.at, *upload.key, upload.pump_time.isoformat()]
                for upload in self.uploads
            ],
        }


@dataclass(slots=True)
class ReadingState:
    """The reading progress of all pumps, by serial number."""

    pumps: dict[str, PumpReadProgress] = field(default_factory=dict)

    def note_models(self, pumps: Iterable[Pump]) -> None:
        """Note the model names of the pumps that were read."""
        for pump in pumps:
            if progress := self.pumps.get(pump.serial_number):
                progress.note_model(pump)

    def model(self, serial_number: str) -> str:
        """Return a pump's model name, even where the last answer lacks it."""
        progress = self.pumps.get(serial_number)
        return (progress and progress.model) or UNNAMED_MODEL

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the state from its JSON."""
        return cls(dict_of(PumpReadProgress.from_json, stored))

    def to_json(self) -> Any:
        """Return the state as JSON."""
        return {
            serial_number: progress.to_json()
            for serial_number, progress in self.pumps.items()
        }


def _upload_mark(value: Any) -> UploadMark:
    upload, newest, settings = (
        optional(require_str, part) for part in require_list(value)
    )
    if newest:
        datetime.fromisoformat(newest)
    return upload, newest, settings


def _counts(value: Any) -> dict[date, int]:
    return {
        require_date(day): require_count(count)
        for day, count in require_dict(value).items()
    }


def _row(value: Any) -> EventRow:
    row = require_list(value)
    raw_event(row)
    return row


def _upload(value: Any) -> Upload:
    at, group, number, shown = require_list(value)
    pump_time = datetime.fromisoformat(require_str(shown))
    if pump_time.tzinfo is not None:
        raise ValueError("no reading of a clock")
    return Upload(
        require_datetime(at), (require_count(group), require_count(number)), pump_time
    )
