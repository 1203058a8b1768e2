"""The pump's log as typed events (Tandem Source, pump-logs answer)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from sys import maxsize
from typing import Any

from .enums import (
    AlarmKind,
    BasalSource,
    BolusOption,
    BolusSource,
    BolusType,
    CgmType,
    Completion,
    ControlMode,
    GlucoseStatus,
    SuspendReason,
    UserMode,
)

type RawEvent = dict[str, Any]
type EventKey = tuple[int, int]
BEFORE_ALL: EventKey = (-1, -1)
"""Before every event."""
AFTER_ALL: EventKey = (maxsize, maxsize)
"""After every event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpEvent:
    """One event of the pump's log; an instance of this class alone is one whose code has no meaning here."""

    code: int
    group: int
    number: int
    pump_time: datetime
    """The pump's own wall clock, without a zone."""

    @property
    def key(self) -> EventKey:
        """The event's order and identity within one pump."""
        return self.group, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class BasalDelivery(PumpEvent):
    """279: the basal rate of about the next five minutes (U/h)."""

    source: BasalSource
    rate: float
    profile_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasalRateChange(PumpEvent):
    """3: a new basal rate (U/h) on pumps that log no 279."""

    rate: float
    profile_rate: float | None
    changes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySuspended(PumpEvent):
    """11: delivery stopped; insulin is the amount left in the cartridge (U)."""

    reason: SuspendReason | None
    insulin: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResumed(PumpEvent):
    """12: delivery resumed; insulin is the amount left in the cartridge (U)."""

    insulin: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseStarted(PumpEvent):
    """558: the newer algorithm started a dose of basal insulin (profile rate in U/h)."""

    dose_id: int
    profile_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDelivered(PumpEvent):
    """559: a dose of basal insulin was delivered (U), and insulin on board (U)."""

    dose_id: int
    source: BasalSource
    delivered: float
    insulin_on_board: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfModeEntered(PumpEvent):
    """53: the pump was switched off as for storage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpRestarted(PumpEvent):
    """99: the pump restarted; nothing flows until delivery is resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCorrupted(PumpEvent):
    """60: the pump lost a part of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDay(PumpEvent):
    """90: midnight on the pump's clock, with the basal rate in force (U/h)."""

    rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChanged(PumpEvent):
    """13: the clock's time of day was moved (seconds of the day)."""

    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChanged(PumpEvent):
    """14: the clock's date was moved (days since 2008-01-01)."""

    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseEntered(PumpEvent):
    """16: a glucose value (mg/dL) was entered; insulin on board in U."""

    glucose: int | None
    from_cgm: bool | None
    """Whether it is the sensor's value; None where that is not reported."""
    insulin_on_board: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusRequested(PumpEvent):
    """64: a bolus was requested (g, mg/dL, g/U, insulin on board in U)."""

    bolus_id: int
    type: BolusType | None
    carbs: int
    glucose: int | None
    carb_ratio: float | None
    insulin_on_board: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusOptions(PumpEvent):
    """65: how to deliver the bolus (percent now, minutes, mg/dL per U, mg/dL)."""

    bolus_id: int
    option: BolusOption | None
    standard_percent: int | None
    duration: int
    correction_factor: int | None
    target: int | None
    override: bool
    declined_correction: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusAmounts(PumpEvent):
    """66: the parts of the bolus (U)."""

    bolus_id: int
    food: float | None
    correction: float | None
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusStarted(PumpEvent):
    """55 and 59: the immediate part, or the extended part, started (U)."""

    bolus_id: int
    extended: bool
    size: float | None
    insulin_on_board: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusEnded(PumpEvent):
    """20 and 21: the immediate part, or the extended part, ended (U)."""

    bolus_id: int
    extended: bool
    completion: Completion | None
    delivered: float
    requested: float | None
    insulin_on_board: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BolusDelivery(PumpEvent):
    """280: a bolus started or was done (U, minutes)."""

    bolus_id: int
    started: bool
    source: BolusSource | None
    requested_now: float | None
    requested_later: float | None
    correction: float | None
    duration: int | None
    delivered: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(PumpEvent):
    """5, 6, 4 and 171, 369, 460: an alarm, malfunction, alert or CGM alert was raised."""

    kind: AlarmKind
    alarm: int
    parameter: int | None
    """param1; for a CGM alert about the sensor, the state of the sensor's algorithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCleared(PumpEvent):
    """28, 26 and 172, 370, 461: an alarm, alert or CGM alert was cleared."""

    kind: AlarmKind
    alarm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledged(PumpEvent):
    """8, 27 and 371: an alarm, alert or CGM alert was acknowledged."""

    kind: AlarmKind
    alarm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartridgeFilled(PumpEvent):
    """33: a cartridge was filled (U; None when not reported)."""

    filled: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TubingFilled(PumpEvent):
    """63: tubing was primed (U; None when not recorded)."""

    primed: float | None
    completion: Completion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CannulaFilled(PumpEvent):
    """61: a cannula was primed (U; None when not recorded)."""

    primed: float | None
    completion: Completion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryReading(PumpEvent):
    """9, 34, 35 and 81: battery charge (%).

    9 may also report the insulin left in the cartridge (U), and 81 the insulin on board (U).
    """

    percent: int
    insulin: int | None
    insulin_on_board: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserModeChanged(PumpEvent):
    """229: sleep, exercise or eating soon started or ended (minutes of a timed exercise)."""

    mode: UserMode | None
    """None for an unknown mode."""
    previous: UserMode | None
    requested: int | None
    timed_minutes: int | None
    by_schedule: bool
    stopped_by_timer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlModeChanged(PumpEvent):
    """230: the loop opened or closed, with the conditions for closing it."""

    mode: ControlMode | None
    """None for an unknown mode."""
    previous: ControlMode | None
    suspended: bool
    cgm_available: bool
    closed_loop_preferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyStatus(PumpEvent):
    """313 and 563: the modes at midnight and the sensor in use."""

    control_mode: ControlMode | None
    user_mode: UserMode | None
    cgm_type: CgmType | None
    unknown_control_mode: bool = False
    """Whether it reports an unknown mode."""
    unknown_user_mode: bool = False
    """Whether it reports an unknown mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmReadingLogged(PumpEvent):
    """256, 399, 372 and 480: one sensor reading (mg/dL, mg/dL per minute, dBm)."""

    read_at: datetime
    """When the sensor measured, on the pump's wall clock."""
    status: GlucoseStatus
    value: int
    rate: float | None
    signal: int | None
    algorithm_state: int | None
    is_value: bool
    """Whether egvInfoBitmask marks it as a value; True where that is not reported."""
    one_minute: bool
    """Whether its sensor reports one every minute."""
    backfilled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionStarted(PumpEvent):
    """212, 213, 394, 404, 406 and 477: a sensor session was started or joined."""

    joined: bool
    session_start: datetime | None
    """On the pump's wall clock."""
    lasts: timedelta | None
    transmitter_start: datetime | None
    """First use of a G6 transmitter, on the pump's wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionStopped(PumpEvent):
    """214, 405, 447 and 486: a sensor session ended."""

    session_start: datetime | None
    session_stop: datetime | None
    lasts: timedelta | None
    """The nominal length of this sensor's sessions, not how long this one lasted."""
    reason: int | None
    transmitter_start: datetime | None
    """First use of a G6 transmitter, on the pump's wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionStep(PumpEvent):
    """367, 368, 390, 395, 441 and 443: a step of a sensor session; only the code says which."""

    cgm_type: CgmType | None
    """The sensor in use from 368 on, where reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucosePredicted(PumpEvent):
    """140: the glucose (mg/dL) that low-glucose suspend expects in half an hour."""

    glucose: int | None
