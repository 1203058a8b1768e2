"""The records of everything that happened to one pump, derived from its events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.event_types import EventKey, PumpEvent

from .alarms import alarms
from .basal import basal
from .battery import battery
from .boluses import boluses
from .cartridge_readings import cartridge_readings
from .clock.clock_error import may_have_stood_still, off_by
from .clock.dating import Dating
from .clock.moves import ClockChange
from .clock.offsets import Clock
from .clock.uploads import Upload, upload_of
from .event_log import EventLog
from .fills import fills
from .glucose_readings import predictions, readings
from .log_end import LogEnd, log_end
from .log_parts import log_parts
from .missing_events import missing_events
from .modes import activities, activity_mode_changes, control_modes
from .on_board_readings import insulin_on_board
from .records import (
    ActivityModeChange,
    ActivitySpan,
    Alarm,
    BasalGap,
    BasalSegment,
    Battery,
    Bolus,
    CartridgeReading,
    CgmReading,
    CgmSessionEnd,
    CgmSessionStart,
    ControlModeChange,
    Fill,
    GlucosePrediction,
    InsulinOnBoard,
    MissingEvents,
    Record,
    SensorSessionStep,
    SensorType,
    Suspension,
    UnreadableEvent,
)
from .records_by_place import KEY
from .result_cache import ResultCache
from .sensor_sessions import sensor_types, session_ends, session_starts, session_steps
from .timeline import timelines_of
from .unreadable import lost_starts_of, unreadable_events


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The records of one pump, each kind in the order of its log."""

    oldest: datetime | None = None
    """UTC instant of the first stored event."""
    newest: datetime | None = None
    """UTC instant of the newest event."""
    newest_key: EventKey | None = None
    newest_logged: LogEnd | None = None
    """The end of the log, future-dated events included."""
    last_upload: datetime | None = None
    """UTC, by Tandem's clock."""
    uploads: tuple[Upload, ...] = field(default=(), compare=False)
    """Uploads that show the clock's error, oldest first."""
    dating: Dating | None = field(default=None, compare=False)
    """The offsets behind all instants; while it is equal, no earlier record has moved in time."""
    clock_off: timedelta | None = None
    """How far the clock is certainly ahead (negative: behind) without an explanation in the log."""
    clock_doubtful: bool = False
    """Whether instants may be off by more than a clock's drift."""
    with_future_dated: History | None = None
    """The history including far future-dated events, dated by the upload that contained them; None without any."""
    others_unread: tuple[tuple[datetime, datetime], ...] = ()
    """Spans (UTC) in which other pumps of the person were in use whose logs have not been read."""
    boluses: Sequence[Bolus] = ()
    basal: Sequence[BasalSegment] = ()
    suspensions: Sequence[Suspension] = ()
    basal_gaps: tuple[BasalGap, ...] = ()
    alarms: Sequence[Alarm] = ()
    """Alarms, malfunctions, alerts and CGM alerts."""
    fills: tuple[Fill, ...] = ()
    activities: tuple[ActivitySpan, ...] = ()
    activity_mode_changes: tuple[ActivityModeChange, ...] = ()
    control_modes: tuple[ControlModeChange, ...] = ()
    readings: Sequence[CgmReading] = ()
    session_starts: tuple[CgmSessionStart, ...] = ()
    session_ends: tuple[CgmSessionEnd, ...] = ()
    sensor_types: tuple[SensorType, ...] = ()
    session_steps: tuple[SensorSessionStep, ...] = ()
    predictions: tuple[GlucosePrediction, ...] = ()
    insulin_on_board: Sequence[InsulinOnBoard] = ()
    cartridge_readings: tuple[CartridgeReading, ...] = ()
    battery: tuple[Battery, ...] = ()
    unreadable: tuple[UnreadableEvent, ...] = ()
    """Events of insulin, carbs or glucose that this version cannot decode."""
    missing: tuple[MissingEvents, ...] = ()
    """Missing events that may have changed a mode, filled something or raised an alarm."""

    @property
    def all_logged(self) -> History:
        """The history of all logged events, future-dated ones included."""
        return self.with_future_dated or self


def newest_of(histories: Iterable[History]) -> datetime | None:
    """Return the UTC instant of the newest event of several pumps."""
    newest = (history.newest for history in histories if history.newest)
    return max(newest, default=None)


def unreadable_of(histories: Iterable[History]) -> list[UnreadableEvent]:
    """Return the unreadable events of several pumps."""
    return [event for history in histories for event in history.unreadable]


def newest_record[R: Record](
    records: Sequence[R], test: Callable[[R], bool] = lambda record: True
) -> R | None:
    """Return the newest record, by the order of the log, that passes a test."""
    return next(filter(test, reversed(records)), None)


def latest[R: Record](
    histories: Iterable[History],
    records: Callable[[History], Sequence[R]],
    test: Callable[[R], bool] = lambda record: True,
) -> R | None:
    """Return the latest (by UTC) of each pump's newest record that passes a test."""
    newest = (newest_record(records(history), test) for history in histories)
    return max(filter(None, newest), key=lambda record: record.start, default=None)


class Derivation:
    """Derives all records of one pump, with a cache of the results for the parts of its log.

    The cache changes only how long it takes, never the result; see event_log.py.
    """

    def __init__(self) -> None:
        """Start with empty caches."""
        self._cache = ResultCache()
        self._cache_with_future_dated = ResultCache()
        """For the log that includes far future-dated events."""

    def derive(
        self,
        days: Mapping[date, Sequence[PumpEvent]],
        clock_changes: Iterable[ClockChange],
        zone: ZoneInfo,
        last_upload: datetime | None,
        uploads: Sequence[Upload] | None = None,
        *,
        lost: bool = False,
        alarms_only: bool = False,
    ) -> History:
        """Derive all records, or the alarms alone, from the stored events of each day.

        `uploads` are the known uploads with the end of the log at each; without them, the last upload
        (UTC) is assumed to have contained the newest event. `lost` says that stored events were lost.
        """
        records = _alarms if alarms_only else partial(_records, lost=lost)
        parts = log_parts(days, self._cache)
        moves = [*parts.clock_changes, *clock_changes]
        if uploads is None:
            moved = max((move.key for move in moves), default=None)
            upload = last_upload and upload_of(parts.newest_first(), moved, last_upload)
            uploads = [upload] if upload else []
        clock = Clock(zone, moves, parts, uploads)
        log = EventLog(parts, clock, last_upload, cache=self._cache)
        end, since_off = log_end(log), clock.lags(since_off=True)
        off = off_by(clock.lags(), since_off, dense=bool(end and end.dense))
        with_future_dated = None
        if log.future_dated:
            cache = self._cache_with_future_dated
            with_future_dated = records(
                EventLog(
                    parts, clock, last_upload, with_future_dated=uploads, cache=cache
                )
            )
        history = replace(
            records(log),
            newest_logged=end,
            last_upload=last_upload,
            uploads=tuple(uploads),
            dating=clock.dating,
            clock_off=off,
            clock_doubtful=off is not None or may_have_stood_still(since_off),
            with_future_dated=with_future_dated,
        )
        log.forget_instants()
        self._cache.forget_unused()
        self._cache_with_future_dated.forget_unused()
        return history


def derive(
    events: Iterable[PumpEvent],
    clock_changes: Iterable[ClockChange],
    zone: ZoneInfo,
    last_upload: datetime | None,
    uploads: Sequence[Upload] | None = None,
) -> History:
    """Derive all records of one pump from events in any order; see Derivation.derive()."""
    days = {date.min: tuple(events)}
    return Derivation().derive(days, clock_changes, zone, last_upload, uploads)


def _alarms(log: EventLog) -> History:
    return History(
        oldest=log.oldest,
        newest=log.newest,
        newest_key=log.newest_key,
        alarms=alarms(log),
    )


def _records(log: EventLog, *, lost: bool) -> History:
    segments, suspensions, gaps = basal(log)
    missing = tuple(missing_events(log, gaps, lost=lost))
    given = boluses(log)
    lost_starts = [part.result(lost_starts_of) for part in timelines_of(given)]
    unreadable = [*unreadable_events(log), *chain.from_iterable(lost_starts)]
    return History(
        oldest=log.oldest,
        newest=log.newest,
        newest_key=log.newest_key,
        boluses=given,
        basal=segments,
        suspensions=suspensions,
        basal_gaps=tuple(gaps),
        alarms=alarms(log),
        fills=tuple(fills(log)),
        activities=tuple(activities(log, missing)),
        activity_mode_changes=tuple(activity_mode_changes(log, missing)),
        control_modes=tuple(control_modes(log, missing)),
        readings=readings(log),
        session_starts=tuple(session_starts(log)),
        session_ends=tuple(session_ends(log)),
        sensor_types=tuple(log.each(sensor_types)),
        session_steps=tuple(log.each(session_steps)),
        predictions=tuple(predictions(log)),
        insulin_on_board=insulin_on_board(log),
        cartridge_readings=tuple(log.each(cartridge_readings)),
        battery=tuple(log.each(battery)),
        unreadable=tuple(sorted(unreadable, key=KEY)),
        missing=missing,
    )
