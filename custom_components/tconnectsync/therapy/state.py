"""The newest of everything that the pumps reported."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from custom_components.tconnectsync.tandem.enums import ALARM_KINDS, AlarmKind

from .alarms import ALERT_LASTS, first_raised
from .cgm_state import CgmState, cgm_state
from .complete_on_board import complete_on_board
from .glucose_delta import GLUCOSE_BEHIND, glucose_delta, newest_readings
from .history import History, latest, newest_record
from .last_bolus import last_bolus, last_meal_bolus
from .last_known import delivery_may_have_changed, if_last, known_fill, known_site
from .last_suspension import last_suspension
from .misdated_delivery import misdated_until
from .missing_events import SENSOR_CHANGE_CODE, SESSION_END_CODES, SESSION_START_CODES
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
    """What is known about the moment of the newest event of the pump in use; None is unknown.

    Boluses and the newest alarms and alerts are of every pump that was in use.
    """

    newest: datetime | None = None
    """UTC instant of the newest pump event."""
    delivery_uncertain_until: datetime | None = None
    """Delivery by any pump up to this instant (UTC) may be incomplete or misdated.

    A pump in use until then has not been read to its end, or its clock is wrong; sums that reach
    back to it are unknown.
    """
    insulin_on_board: InsulinOnBoard | None = None
    """Unknown while more may be on board than the pump said last."""
    bolus: Bolus | None = None
    """Unknown, as the one for a meal, by a wrong clock or where a later one was lost or cannot be read."""
    meal_bolus: Bolus | None = None
    basal: BasalSegment | Suspension | BasalGap | None = None
    """What runs at the newest event; in a gap nobody knows."""
    suspension: Suspension | None = None
    """The newest one, from where it began: a short hole of the log in it does not begin it anew."""
    resumed: bool = False
    """Whether the pump was told to deliver again, and has told no rate since."""
    alarm: Alarm | None = None
    """The newest alarm or malfunction, of whichever pump."""
    alert: Alarm | None = None
    cgm_alert: Alarm | None = None
    raised: tuple[Alarm, ...] = ()
    """Alarms, malfunctions, alerts and CGM alerts of the pump in use that nothing has cleared."""
    raised_since: tuple[datetime, ...] = ()
    """When (UTC) each of those came up, and not when the pump reminded of it last."""
    may_lack_alarms: bool = False
    """Whether the pump in use may have raised others of which its log was lost or not uploaded."""
    reading: CgmReading | None = None
    """The newest sensor reading, unless it is far behind the newest event."""
    previous_reading: CgmReading | None = None
    """The reading nearest to five minutes before it, from which the change is reckoned."""
    sensor: CgmState | None = None
    """How the glucose sensor is."""
    session_limits: SessionLimits | None = None
    activity: ActivityModeChange | None = None
    """The mode at the newest event, as first reported."""
    control: ControlModeChange | None = None
    """The mode at the newest event, as first reported."""
    closed_loop_preference: ControlModeChange | None = None
    cartridge: Fill | None = None
    """Unknown, as the tubing, the site and what is of the sensor, where a later one may be missing, or by a wrong clock."""
    tubing: Fill | None = None
    site: Fill | None = None
    battery: Battery | None = None
    session: CgmSessionStart | None = None
    session_end: CgmSessionEnd | None = None
    transmitter: CgmSessionStart | None = None
    sensor_type: SensorType | None = None
    prediction: GlucosePrediction | None = None
    """What low-glucose suspend expects, unless that is far behind the newest event."""

    @property
    def glucose_delta(self) -> int | None:
        """Change over five minutes, however far apart readings are (mg/dL)."""
        return glucose_delta(self.reading, self.previous_reading)

    @property
    def running_suspension(self) -> Suspension | None:
        """The suspension that nothing has ended yet."""
        suspension = self.suspension
        return suspension if suspension and suspension.running else None

    @property
    def is_suspended(self) -> bool | None:
        """Whether nothing is delivered, None where nobody knows whether insulin flows."""
        if self.running_suspension:
            return True
        if isinstance(self.basal, BasalSegment) or (
            self.basal is None and self.resumed
        ):
            return False
        return None

    def is_raised(self, *kinds: AlarmKind) -> bool | None:
        """Return whether anything of these kinds is raised, None where nobody knows of any."""
        return bool(self.raised_of(*kinds)) or (None if self.may_lack_alarms else False)

    def raised_of(self, *kinds: AlarmKind) -> tuple[Alarm, ...]:
        """Return what is still raised of these kinds."""
        return tuple(alarm for alarm, _ in self.raised_with_since(*kinds))

    def raised_with_since(
        self, *kinds: AlarmKind
    ) -> tuple[tuple[Alarm, datetime], ...]:
        """Return what is still raised of these kinds, each with when (UTC) it came up first."""
        both = zip(self.raised, self.raised_since, strict=True)
        return tuple((alarm, since) for alarm, since in both if alarm.kind in kinds)


def derive_state(
    histories: Sequence[History],
    insulin_duration: float | None = None,
    unread_until: datetime | None = None,
) -> PumpState:
    """Return the newest of everything, by its place in the log of each pump; the first is in use.

    Insulin acts for so many minutes; what a pump gave up to an instant may not have been read.
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
        session_limits=session_limits(history)
        if if_last(
            history,
            running_session(history),
            *SESSION_START_CODES,
            *SESSION_END_CODES,
        )
        else None,
        may_lack_alarms=_may_lack_alarms(history.all_logged),
        activity=_beginning(history.activity_mode_changes),
        control=_beginning(history.control_modes),
        closed_loop_preference=newest_record(
            history.control_modes,
            lambda change: (
                change.closed_loop_preferred is not None or change.mode is None
            ),
        ),
        cartridge=known_fill(history, FillKind.CARTRIDGE),
        tubing=known_fill(history, FillKind.TUBING),
        site=known_site(history),
        battery=newest_record(history.battery),
        session=if_last(
            history, newest_record(history.session_starts), *SESSION_START_CODES
        ),
        session_end=if_last(
            history, newest_record(history.session_ends), *SESSION_END_CODES
        ),
        transmitter=if_last(
            history,
            newest_record(
                history.session_starts,
                lambda session: session.transmitter_start is not None,
            ),
            *SESSION_START_CODES,
        ),
        sensor_type=if_last(
            history, newest_record(history.sensor_types), SENSOR_CHANGE_CODE
        ),
        prediction=newest_record(
            history.predictions,
            lambda prediction: (
                history.newest is not None
                and history.newest - prediction.start <= GLUCOSE_BEHIND
            ),
        ),
    )
    return with_alarms(known, histories)


def _may_lack_alarms(history: History) -> bool:
    """Return whether an alarm that was lost may still be raised.

    Without an end in the log it is, for as long as an alert, and until insulin flows where it stopped that.
    """
    if (newest := history.newest) is None:
        return False
    lost = max((one.end for one in history.missing if one.code is None), default=None)
    if lost is None:
        return False
    rates = between(history.basal, lost)
    flowed = any(rate.rate > 0 and rate.end > lost for rate in rates)
    return newest - lost < ALERT_LASTS or not flowed


def with_alarms(known: PumpState, histories: Sequence[History]) -> PumpState:
    """Return a state with the alarms and alerts of these pumps; the first is in use."""
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
    """Return what of basal delivery runs at the newest event."""
    rate = newest_record(history.basal, lambda one: one.running)
    newest: list[BasalSegment | Suspension | BasalGap | None] = [
        rate if rate and not delivery_may_have_changed(history, rate) else None,
        newest_record(history.suspensions, lambda one: one.running),
        newest_record(history.basal_gaps, lambda one: one.running),
    ]
    running = [one for one in newest if one]
    return max(running, key=lambda one: one.key, default=None)


def _was_resumed(history: History) -> bool:
    """Return whether the last that is known of delivery is that the pump was told to go on with it."""
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
    """Return where the newest mode began; it is reported again at every midnight."""
    first: M | None = None
    for record in reversed(records):
        if first is not None and record.mode is not first.mode:
            break
        first = record
    return first


def _latest_alarm(histories: Sequence[History], *kinds: AlarmKind) -> Alarm | None:
    return latest(
        histories, lambda one: one.all_logged.alarms, lambda alarm: alarm.kind in kinds
    )
