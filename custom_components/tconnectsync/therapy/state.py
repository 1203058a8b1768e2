"""The newest state of everything that the pumps reported."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from custom_components.tconnectsync.tandem.enums import ALARM_KINDS, AlarmKind
from custom_components.tconnectsync.tandem.event_codes import EventCode

from .alarms import ALERT_LASTS, first_raised
from .cgm_state import CgmState, cgm_state
from .complete_on_board import complete_on_board
from .history import History, latest, newest_record
from .last_bolus import last_bolus, last_meal_bolus
from .last_known import (
    delivery_may_have_changed,
    if_certainly_newest,
    known_fill,
    known_site,
)
from .last_suspension import last_suspension
from .misdated_delivery import misdated_until
from .missing_events import SESSION_END_CODES, SESSION_START_CODES
from .newest_readings import GLUCOSE_BEHIND, glucose_delta, newest_readings
from .records import (
    ActivityModeChange,
    Alarm,
    BasalGap,
    BasalSegment,
    Battery,
    Bolus,
    CgmReading,
    CgmSessionEnd,
    CgmSessionStart,
    ControlModeChange,
    Fill,
    FillKind,
    GlucosePrediction,
    InsulinOnBoard,
    SensorType,
    Suspension,
)
from .running_session import SessionLimits, running_session, session_limits
from .timeline import between


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpState:
    """The state at the newest event of the pump in use; None is unknown.

    Boluses and the newest alarms and alerts are of any pump that was in use.
    """

    newest: datetime | None = None
    """UTC instant of the newest pump event."""
    delivery_uncertain_until: datetime | None = None
    """Delivery by any pump up to this instant (UTC) may be incomplete or misdated.

    A pump in use until then has not been read to its end, or its clock is wrong; sums that reach
    back to it are unknown.
    """
    insulin_on_board: InsulinOnBoard | None = None
    """Unknown while more may be on board than the pump last reported."""
    bolus: Bolus | None = None
    """Unknown, as is the meal bolus, with a wrong clock or where a later one may be missing or unreadable."""
    meal_bolus: Bolus | None = None
    basal: BasalSegment | Suspension | BasalGap | None = None
    """The delivery at the newest event; in a gap it is unknown."""
    suspension: Suspension | None = None
    """The newest one, with its start before any short gap of the log."""
    resumed: bool = False
    """Whether delivery was resumed, and no rate has been reported since."""
    alarm: Alarm | None = None
    """The newest alarm or malfunction of any pump."""
    alert: Alarm | None = None
    cgm_alert: Alarm | None = None
    raised: tuple[Alarm, ...] = ()
    """Alarms, malfunctions, alerts and CGM alerts of the pump in use that have not ended."""
    raised_since: tuple[datetime, ...] = ()
    """When each of those was first raised (UTC), before any reminders."""
    may_lack_alarms: bool = False
    """Whether the pump in use may have raised others whose events are missing."""
    reading: CgmReading | None = None
    """The newest sensor reading, unless it is long before the newest event."""
    previous_reading: CgmReading | None = None
    """The reading closest to five minutes before it, for the change of glucose."""
    sensor: CgmState | None = None
    """The state of the glucose sensor."""
    session_limits: SessionLimits | None = None
    activity: ActivityModeChange | None = None
    """The mode at the newest event, as first reported."""
    control: ControlModeChange | None = None
    """The mode at the newest event, as first reported."""
    closed_loop_preference: ControlModeChange | None = None
    cartridge: Fill | None = None
    """Unknown, as are tubing, site and sensor session, with a wrong clock or where a later one may be missing."""
    tubing: Fill | None = None
    site: Fill | None = None
    battery: Battery | None = None
    session: CgmSessionStart | None = None
    session_end: CgmSessionEnd | None = None
    transmitter: CgmSessionStart | None = None
    sensor_type: SensorType | None = None
    prediction: GlucosePrediction | None = None
    """The prediction of low-glucose suspend, unless it is long before the newest event."""

    @property
    def glucose_delta(self) -> int | None:
        """Change of glucose, scaled to five minutes (mg/dL)."""
        return glucose_delta(self.reading, self.previous_reading)

    @property
    def running_suspension(self) -> Suspension | None:
        """The suspension that has not ended."""
        suspension = self.suspension
        return suspension if suspension and suspension.running else None

    @property
    def is_suspended(self) -> bool | None:
        """Whether nothing is delivered; None where it is unknown whether insulin flows."""
        if self.running_suspension:
            return True
        if isinstance(self.basal, BasalSegment) or (
            self.basal is None and self.resumed
        ):
            return False
        return None

    def is_raised(self, *kinds: AlarmKind) -> bool | None:
        """Return whether an alarm of these kinds is raised; None where none is known and some may be missing."""
        return bool(self.raised_of(*kinds)) or (None if self.may_lack_alarms else False)

    def raised_of(self, *kinds: AlarmKind) -> tuple[Alarm, ...]:
        """Return the raised alarms of these kinds."""
        return tuple(alarm for alarm, _ in self.raised_with_since(*kinds))

    def raised_with_since(
        self, *kinds: AlarmKind
    ) -> tuple[tuple[Alarm, datetime], ...]:
        """Return the raised alarms of these kinds, each with when it was first raised (UTC)."""
        with_since = zip(self.raised, self.raised_since, strict=True)
        return tuple(
            (alarm, since) for alarm, since in with_since if alarm.kind in kinds
        )


def derive_state(
    histories: Sequence[History],
    insulin_duration: float | None = None,
    unread_until: datetime | None = None,
) -> PumpState:
    """Return the newest state by the order of each pump's log; the first history is of the pump in use.

    Insulin acts for `insulin_duration` minutes. Delivery by any pump up to `unread_until` (UTC) may
    not have been read.
    """
    history, misdated = histories[0], misdated_until(histories)
    delivery_uncertain_until = max(filter(None, (unread_until, misdated)), default=None)
    reading, previous = newest_readings(history)
    known = PumpState(
        newest=history.newest,
        delivery_uncertain_until=delivery_uncertain_until,
        insulin_on_board=complete_on_board(
            histories, insulin_duration, delivery_uncertain_until
        ),
        bolus=last_bolus(histories, delivery_uncertain_until),
        meal_bolus=last_meal_bolus(histories, delivery_uncertain_until),
        basal=_running(history),
        suspension=last_suspension(history.all_logged),
        resumed=_was_resumed(history),
        reading=reading,
        previous_reading=previous,
        sensor=cgm_state(history, reading),
        session_limits=_session_limits(history),
        may_lack_alarms=_may_lack_alarms(history.all_logged),
        activity=_beginning(history.activity_mode_changes),
        control=_beginning(history.control_modes),
        closed_loop_preference=_closed_loop_preference(history),
        cartridge=known_fill(history, FillKind.CARTRIDGE),
        tubing=known_fill(history, FillKind.TUBING),
        site=known_site(history),
        battery=newest_record(history.battery),
        session=if_certainly_newest(
            history, newest_record(history.session_starts), *SESSION_START_CODES
        ),
        session_end=if_certainly_newest(
            history, newest_record(history.session_ends), *SESSION_END_CODES
        ),
        transmitter=_transmitter(history),
        sensor_type=if_certainly_newest(
            history, newest_record(history.sensor_types), EventCode.SENSOR_CHANGED
        ),
        prediction=_prediction(history),
    )
    return with_alarms(known, histories)


def _session_limits(history: History) -> SessionLimits | None:
    """Return the limits of the running session, None where a later start or its end may be missing."""
    codes = *SESSION_START_CODES, *SESSION_END_CODES
    if if_certainly_newest(history, running_session(history), *codes) is None:
        return None
    return session_limits(history)


def _transmitter(history: History) -> CgmSessionStart | None:
    """Return the last start of a session that reports its transmitter, None where a later one may be missing."""
    last = newest_record(
        history.session_starts, lambda session: session.transmitter_start is not None
    )
    return if_certainly_newest(history, last, *SESSION_START_CODES)


def _closed_loop_preference(history: History) -> ControlModeChange | None:
    """Return the last change that reports whether closed loop is preferred, or makes that unknown."""
    return newest_record(
        history.control_modes,
        lambda change: change.closed_loop_preferred is not None or change.mode is None,
    )


def _prediction(history: History) -> GlucosePrediction | None:
    """Return the newest prediction of low-glucose suspend, unless it is long before the newest event."""
    return newest_record(
        history.predictions,
        lambda prediction: (
            history.newest is not None
            and history.newest - prediction.start <= GLUCOSE_BEHIND
        ),
    )


def _may_lack_alarms(history: History) -> bool:
    """Return whether an alarm among missing events may still be raised.

    It may be until alerts lapse, and, if it stopped delivery, until insulin flows.
    """
    if (newest := history.newest) is None:
        return False
    missing_until = max(
        (events.end for events in history.missing if events.code is None), default=None
    )
    if missing_until is None:
        return False
    rates = between(history.basal, missing_until)
    flowed = any(rate.rate > 0 and rate.end > missing_until for rate in rates)
    return newest - missing_until < ALERT_LASTS or not flowed


def with_alarms(known: PumpState, histories: Sequence[History]) -> PumpState:
    """Return a state with the alarms and alerts of these pumps; the first history is of the pump in use."""
    alarms = histories[0].all_logged.alarms
    raised = tuple(alarm for alarm in alarms if alarm.ended is None)
    return replace(
        known,
        alarm=_latest_alarm(histories, *ALARM_KINDS),
        alert=_latest_alarm(histories, AlarmKind.ALERT),
        cgm_alert=_latest_alarm(histories, AlarmKind.CGM_ALERT),
        raised=raised,
        raised_since=tuple(first_raised(alarms, alarm) for alarm in raised),
    )


def _running(history: History) -> BasalSegment | Suspension | BasalGap | None:
    """Return the rate, suspension or gap that runs at the newest event, None where that is unknown."""
    rate = newest_record(history.basal, lambda segment: segment.running)
    candidates: list[BasalSegment | Suspension | BasalGap | None] = [
        rate if rate and not delivery_may_have_changed(history, rate) else None,
        newest_record(history.suspensions, lambda suspension: suspension.running),
        newest_record(history.basal_gaps, lambda gap: gap.running),
    ]
    running = [record for record in candidates if record]
    return max(running, key=lambda record: record.key, default=None)


def _was_resumed(history: History) -> bool:
    """Return whether the last known change of delivery is that it was resumed, without a rate since."""
    suspension, basal = newest_record(history.suspensions), newest_record(history.basal)
    return (
        suspension is not None
        and suspension.resumed
        and not delivery_may_have_changed(history, suspension)
        and (basal is None or basal.key < suspension.key)
    )


def _beginning[M: (ActivityModeChange, ControlModeChange)](
    records: Sequence[M],
) -> M | None:
    """Return the first report of the newest mode; the mode is reported again every midnight."""
    first: M | None = None
    for record in reversed(records):
        if first is not None and record.mode is not first.mode:
            break
        first = record
    return first


def _latest_alarm(histories: Sequence[History], *kinds: AlarmKind) -> Alarm | None:
    return latest(
        histories,
        lambda history: history.all_logged.alarms,
        lambda alarm: alarm.kind in kinds,
    )
