"""From one pump's events to everything that happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.events import (
    DateChanged,
    EventKey,
    PumpEvent,
    TimeChanged,
)

from .alarms import alarms
from .basal import basal
from .boluses import boluses
from .clock import Clock, ClockChange
from .glucose import predictions, readings
from .insulin import battery, insulin_on_board
from .log import EventLog
from .log_end import LogEnd, log_end
from .modes import activity_modes, control_modes, mode_changes
from .records import (
    ActivityMode,
    Alarm,
    BasalGap,
    BasalSegment,
    Battery,
    Bolus,
    CartridgeReading,
    CgmReading,
    CgmSession,
    CgmSessionEnd,
    ControlModeChange,
    GlucosePrediction,
    InsulinOnBoard,
    ModeChange,
    SensorSessionStep,
    SensorType,
    SiteChange,
    Suspension,
    UnreadableEvent,
)
from .sensor_sessions import sensor_types, session_ends, session_steps, sessions
from .site import cartridge_readings, site_changes
from .unreadable import unreadable_events

UPLOAD_TOLERANCE = timedelta(minutes=5)
CLOCK_CHANGES = (TimeChanged, DateChanged)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened to one pump, each kind in the order of its log."""

    oldest: datetime | None = None
    """UTC instant of the first event held."""
    newest: datetime | None = None
    """UTC instant of the newest event."""
    newest_key: EventKey | None = None
    newest_logged: LogEnd | None = None
    """The end of the log, whenever its clock says that was."""
    boluses: tuple[Bolus, ...] = ()
    basal: tuple[BasalSegment, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    basal_gaps: tuple[BasalGap, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    """Alarms, malfunctions, alerts and CGM alerts."""
    site_changes: tuple[SiteChange, ...] = ()
    mode_changes: tuple[ModeChange, ...] = ()
    activity_modes: tuple[ActivityMode, ...] = ()
    control_modes: tuple[ControlModeChange, ...] = ()
    readings: tuple[CgmReading, ...] = ()
    sessions: tuple[CgmSession, ...] = ()
    session_ends: tuple[CgmSessionEnd, ...] = ()
    sensor_types: tuple[SensorType, ...] = ()
    session_steps: tuple[SensorSessionStep, ...] = ()
    predictions: tuple[GlucosePrediction, ...] = ()
    insulin_on_board: tuple[InsulinOnBoard, ...] = ()
    cartridge_readings: tuple[CartridgeReading, ...] = ()
    battery: tuple[Battery, ...] = ()
    unreadable: tuple[UnreadableEvent, ...] = ()
    """Events of insulin or glucose that this version cannot read."""


def newest_of(histories: Iterable[History]) -> datetime | None:
    """Return the UTC instant of the newest event of several pumps."""
    newest = (history.newest for history in histories if history.newest)
    return max(newest, default=None)


def derive(
    events: Iterable[PumpEvent],
    clock_changes: Iterable[ClockChange],
    zone: ZoneInfo,
    last_upload: datetime | None,
) -> History:
    """Derive all records of one pump; what its clock dates past the last upload waits."""
    moves, others = [], []
    for event in events:
        if isinstance(event, CLOCK_CHANGES):
            moves.append(event)
        else:
            others.append(event)
    clock = Clock(zone, [*clock_changes, *moves])
    log = EventLog(others, clock, last_upload and last_upload + UPLOAD_TOLERANCE)
    segments, suspensions, gaps = basal(log)
    return History(
        oldest=log.oldest,
        newest=log.newest,
        newest_key=log.newest_key,
        newest_logged=log_end(log),
        boluses=tuple(boluses(log)),
        basal=tuple(segments),
        suspensions=tuple(suspensions),
        basal_gaps=tuple(gaps),
        alarms=tuple(alarms(log)),
        site_changes=tuple(site_changes(log)),
        mode_changes=tuple(mode_changes(log)),
        activity_modes=tuple(activity_modes(log)),
        control_modes=tuple(control_modes(log)),
        readings=tuple(readings(log)),
        sessions=tuple(sessions(log)),
        session_ends=tuple(session_ends(log)),
        sensor_types=tuple(sensor_types(log)),
        session_steps=tuple(session_steps(log)),
        predictions=tuple(predictions(log)),
        insulin_on_board=tuple(insulin_on_board(log)),
        cartridge_readings=tuple(cartridge_readings(log)),
        battery=tuple(battery(log)),
        unreadable=tuple(unreadable_events(log)),
    )
