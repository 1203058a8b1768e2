"""Where the reading of each pump stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from custom_components.tconnectsync.tandem import UNNAMED_MODEL, Pump
from custom_components.tconnectsync.therapy.clock.uploads import Upload

from .event_store import Row, raw_event
from .json_values import (
    a_count,
    a_day,
    a_list,
    a_mapping,
    a_text,
    an_instant,
    day_text,
    mapping_of,
    optional,
)

type UploadMark = tuple[str | None, str | None, str | None]
"""What of the pumper answer shows that a pump has uploaded: upload, newest event and settings."""


@dataclass(slots=True, kw_only=True)
class PumpReadProgress:
    """Where the reading of one pump stands."""

    model: str | None = None
    """The last name that Tandem gave; documents at Nightscout bear it."""
    last_complete_upload: UploadMark | None = None
    """What the pumper answer said when the log was last read completely."""
    complete_from: date | None = None
    """Pump day from which everything was read; records of later days are whole."""
    complete_from_next: date | None = None
    """The same as soon as the reading that has begun is through; nothing is whole until then."""
    last_upload: datetime | None = None
    """The greatest seen."""
    read_at: datetime | None = None
    """When the log was last read of which Tandem did not say when it was uploaded."""
    late_data_read_at: datetime | None = None
    """When the last four weeks were last read."""
    highest_counts: dict[date, int] | None = None
    """How many events were ever held of each pump day; None as long as no version has noted it."""
    clock_changes: list[Row] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    """The last few that brought something new, and the last of each day and each setting of the clock."""

    @property
    def known_until(self) -> datetime | None:
        """The instant (UTC) up to which anything can be known of the pump."""
        return max(filter(None, (self.last_upload, self.read_at)), default=None)

    @property
    def newest_named(self) -> datetime | None:
        """The newest event (pump's clock) that Tandem named when the log was last read completely."""
        mark = self.last_complete_upload
        return datetime.fromisoformat(mark[1]) if mark and mark[1] else None

    @property
    def read_to(self) -> date | None:
        """Its pump day."""
        return self.newest_named and self.newest_named.date()

    def begin(self, first: date) -> None:
        """Note that reading begins anew at a pump day; nothing is whole until it is through."""
        self.complete_from_next = min(self.complete_from_next or first, first)

    def end(self, complete_from: date, mark: UploadMark | None) -> None:
        """Note that everything was read from a pump day on, up to an upload."""
        self.complete_from, self.complete_from_next = complete_from, None
        self.last_complete_upload = mark

    def note_model(self, pump: Pump) -> None:
        """Note what the pump is called, unless Tandem left that out."""
        if pump.model != UNNAMED_MODEL:
            self.model = pump.model

    def note_upload(self, at: datetime) -> None:
        """Note the time of an upload (UTC), unless a later one was seen."""
        self.last_upload = max(self.last_upload or at, at)

    def forget(self) -> None:
        """Have everything read again, for not every day is held."""
        self.last_complete_upload = self.complete_from = self.late_data_read_at = None

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        kept = a_mapping(kept)
        return cls(
            model=optional(a_text, kept.get("model")),
            last_complete_upload=optional(_upload_mark, kept.get("complete")),
            complete_from=optional(a_day, kept.get("read_from")),
            complete_from_next=optional(a_day, kept.get("reading_from")),
            last_upload=optional(an_instant, kept.get("last_upload")),
            read_at=optional(an_instant, kept.get("read_at")),
            late_data_read_at=optional(an_instant, kept.get("swept")),
            highest_counts=optional(_counts, kept.get("events")),
            clock_changes=[_row(row) for row in a_list(kept["clock_changes"])],
            uploads=[*map(_upload, a_list(kept.get("uploads", [])))],
        )

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {
            **({"model": self.model} if self.model else {}),
            "complete": self.last_complete_upload,
            "read_from": day_text(self.complete_from),
            "reading_from": day_text(self.complete_from_next),
            "last_upload": self.last_upload,
            "read_at": self.read_at,
            "swept": self.late_data_read_at,
            "events": None
            if self.highest_counts is None
            else {day.isoformat(): count for day, count in self.highest_counts.items()},
            "clock_changes": list(self.clock_changes),
            "uploads": [
                [one.at, *one.key, one.pump_time.isoformat()] for one in self.uploads
            ],
        }


@dataclass(slots=True)
class ReadingState:
    """Where reading stands, by the pumps' serial numbers."""

    pumps: dict[str, PumpReadProgress] = field(default_factory=dict)

    def note_models(self, pumps: Iterable[Pump]) -> None:
        """Note what the pumps that were read are called."""
        for pump in pumps:
            if reading := self.pumps.get(pump.serial_number):
                reading.note_model(pump)

    def model(self, serial_number: str) -> str:
        """Return what a pump is called, though the last answer may not name it."""
        reading = self.pumps.get(serial_number)
        return (reading and reading.model) or UNNAMED_MODEL

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        """Return what to_json gave."""
        return cls(mapping_of(PumpReadProgress.from_json, kept))

    def to_json(self) -> Any:
        """Return it as JSON."""
        return {
            serial_number: reading.to_json()
            for serial_number, reading in self.pumps.items()
        }


def _upload_mark(value: Any) -> UploadMark:
    upload, newest, settings = (optional(a_text, part) for part in a_list(value))
    if newest:
        datetime.fromisoformat(newest)
    return upload, newest, settings


def _counts(value: Any) -> dict[date, int]:
    return {a_day(day): a_count(count) for day, count in a_mapping(value).items()}


def _row(value: Any) -> Row:
    row = a_list(value)
    raw_event(row)
    return row


def _upload(value: Any) -> Upload:
    at, group, number, shown = a_list(value)
    pump_time = datetime.fromisoformat(a_text(shown))
    if pump_time.tzinfo is not None:
        raise ValueError("no reading of a clock")
    return Upload(an_instant(at), (a_count(group), a_count(number)), pump_time)
