"""The person's pumps as Tandem Source lists them, without anything that names the person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .checked_fields import EARLIEST_YEAR, LATEST_YEAR
from .errors import TandemChanged
from .event_types import RawEvent
from .safe_text import safe_name, safe_text
from .settings import PumpSettings

READ_OF_PUMPER = ("lowGlucoseThreshold", "highGlucoseThreshold", "pumps")

MODELS = {"t:slim x2": "t:slim X2", "mobi": "Mobi"}
UNNAMED_MODEL = "Insulin pump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pump:
    """One pump of the account (Tandem Source, pumper answer)."""

    assignment_id: str = field(repr=False)
    serial_number: str = field(repr=False)
    model: str
    model_number: str | None
    part_number: str | None
    software_version: str | None
    algorithm: str | None
    glucose_unit: str | None
    last_upload: datetime | None
    """UTC."""
    newest_event: datetime | None
    """The pump's wall clock, without a zone; sometimes a placeholder in the future."""
    available_from: datetime | None
    """The pump's wall clock, without a zone."""
    available_to: datetime | None
    """The pump's wall clock, without a zone."""
    settings: PumpSettings | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pumper:
    """An account: its glucose limits (mg/dL) and every pump it ever had."""

    low_glucose: float | None
    high_glucose: float | None
    pumps: tuple[Pump, ...]
    skipped: int = 0
    """Pumps that could not be read."""
    answer: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The part of the answer that was read, stored so that it can be read again after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpLog:
    """A pump's log of some days, in wire format (Tandem Source, pump-logs answer)."""

    events: list[RawEvent] = field(repr=False)
    clock_changes: list[RawEvent] = field(repr=False)
    """The pump's full history of clock moves (codes 13 and 14)."""
    skipped: int = 0
    """Events that could not be read."""


def read_pumper(answer: Any) -> Pumper:
    """Read a pumper answer; raise TandemChanged where it has no list of pumps, or none can be read."""
    listed = answer.get("pumps") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise TandemChanged("pumper", "the answer lists no pumps")
    pumps = tuple(filter(None, map(_pump, listed)))
    if listed and not pumps:
        raise TandemChanged("pumper", "none of the pumps can be read")
    return Pumper(
        low_glucose=_glucose(answer.get("lowGlucoseThreshold")),
        high_glucose=_glucose(answer.get("highGlucoseThreshold")),
        pumps=pumps,
        skipped=len(listed) - len(pumps),
        answer={key: answer.get(key) for key in READ_OF_PUMPER},
    )


def read_pump_log(answer: Any) -> PumpLog:
    """Read a pump-logs answer without repeated events; raise TandemChanged where it has no lists, or none can be read."""
    events = answer.get("events") if isinstance(answer, dict) else None
    clock_changes = answer.get("clockChanges") if isinstance(answer, dict) else None
    if not isinstance(events, list) or not isinstance(clock_changes, list):
        raise TandemChanged("pump-logs", "the answer lists no events")
    sound, sound_changes = (
        list(filter(_is_event, events)),
        list(filter(_is_event, clock_changes)),
    )
    if (events and not sound) or (clock_changes and not sound_changes):
        raise TandemChanged("pump-logs", "none of the events can be read")
    return PumpLog(
        events=_without_repeats(sound),
        clock_changes=_without_repeats(sound_changes),
        skipped=len(events) + len(clock_changes) - len(sound) - len(sound_changes),
    )


def _pump(listed: Any) -> Pump | None:
    if not isinstance(listed, dict):
        return None
    assignment_id = safe_text(listed.get("assignmentId"))
    serial_number = safe_name(listed.get("serialNumber"))
    if assignment_id is None or serial_number is None:
        return None
    available, settings = listed.get("availableDataRange"), listed.get("settings")
    available = available if isinstance(available, dict) else {}
    details = settings.get("details") if isinstance(settings, dict) else None
    return Pump(
        assignment_id=assignment_id,
        serial_number=serial_number,
        model=_model(listed.get("modelName")),
        model_number=safe_text(listed.get("modelNumber")),
        part_number=safe_text(listed.get("partNumber")),
        software_version=safe_text(listed.get("softwareVersion")),
        algorithm=safe_text(listed.get("algorithm")),
        glucose_unit=safe_text(listed.get("glucoseUnit")),
        last_upload=_instant(listed.get("lastUploadDate")),
        newest_event=_wall_clock(listed.get("maxDateOfEvents")),
        available_from=_wall_clock(available.get("start")),
        available_to=_wall_clock(available.get("end")),
        settings=PumpSettings.from_details(details)
        if isinstance(details, dict)
        else None,
    )


def _model(name: Any) -> str:
    text = safe_text(name) or UNNAMED_MODEL
    return next((model for part, model in MODELS.items() if part in text.lower()), text)


def _glucose(value: Any) -> float | None:
    """Return a glucose limit (mg/dL), None where missing or implausible."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 20 <= value <= 1000 else None


def _time(value: Any) -> datetime | None:
    """Read a time within the years of a pump's clock, which every zone can show."""
    try:
        time = datetime.fromisoformat(value)
    except TypeError, ValueError:
        return None
    return time if EARLIEST_YEAR <= time.year <= LATEST_YEAR else None


def _instant(value: Any) -> datetime | None:
    """Read a time in UTC, as lastUploadDate is, with or without its Z."""
    time = _time(value)
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _wall_clock(value: Any) -> datetime | None:
    """Read the digits of a pump's clock; a Z after them would mean nothing."""
    time = _time(value)
    return None if time is None else time.replace(tzinfo=None)


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and type(event.get("eventCode")) is int
        and type(event.get("sequenceGroup")) is int
        and type(event.get("sequenceNumber")) is int
        and isinstance(event.get("pumpDateTime"), str)
    )


def _without_repeats(events: Iterable[RawEvent]) -> list[RawEvent]:
    return list(
        {
            (event["sequenceGroup"], event["sequenceNumber"]): event for event in events
        }.values()
    )
