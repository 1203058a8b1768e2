"""Records of what happened to a person with a pump, derived from the pump's events."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from custom_components.tconnectsync.tandem import alarm_names
from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalSource,
    BolusOption,
    BolusSource,
    CgmType,
    Completion,
    ControlMode,
    UserMode,
)
from custom_components.tconnectsync.tandem.event_types import EventKey

RATE_DIGITS = 4
"""Significant decimals of a basal rate (U/h)."""


class BolusKind(StrEnum):
    """The purpose of a bolus."""

    AUTOMATIC = "automatic"
    EXTENDED = "extended"
    MEAL = "meal"
    CORRECTION = "correction"
    NOT_KNOWN = "not_known"
    """The event that reports whether carbs were entered is missing."""


KNOWN_KINDS = tuple(kind for kind in BolusKind if kind is not BolusKind.NOT_KNOWN)


class FillKind(StrEnum):
    """The part that was filled during a site change."""

    CARTRIDGE = "cartridge"
    TUBING = "tubing"
    CANNULA = "cannula"


class StopReason(StrEnum):
    """Why delivery stopped."""

    USER = "user"
    ALARM = "alarm"
    MALFUNCTION = "malfunction"
    LOW_GLUCOSE = "low_glucose"
    SHUT_DOWN = "shut_down"
    SHELF_MODE = "shelf_mode"
    RESTARTED = "restarted"


PUMP_OFF = frozenset({StopReason.SHUT_DOWN, StopReason.SHELF_MODE})
"""Reasons for which the pump is off, and not only suspended."""


class AlarmEnd(StrEnum):
    """The first event that ended an alarm; `LAPSED` where the log has no end of it."""

    CLEARED = "cleared"
    REPEATED = "repeated"
    LAPSED = "lapsed"


class GlucoseState(StrEnum):
    """The kind of value of a reading; low and high are beyond the sensor's range."""

    NORMAL = "normal"
    LOW = "low"
    HIGH = "high"
    NO_READING = "no_reading"


class SensorCondition(StrEnum):
    """Why a sensor has no readings."""

    WARMING_UP = "warming_up"
    FAILED = "failed"
    EXPIRED = "expired"
    ENDED = "ended"
    """Its session was stopped, by the person or for a reason that was not reported."""


class Trend(StrEnum):
    """The direction of glucose by its rate of change, with Nightscout's names."""

    DOUBLE_DOWN = "double_down"
    SINGLE_DOWN = "single_down"
    FORTY_FIVE_DOWN = "forty_five_down"
    FLAT = "flat"
    FORTY_FIVE_UP = "forty_five_up"
    SINGLE_UP = "single_up"
    DOUBLE_UP = "double_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Insulin (U) delivered evenly from start to end (UTC), at once when both are the same."""

    insulin: float
    start: datetime
    end: datetime

    def since(self, start: datetime) -> float:
        """Return the insulin delivered from an instant on (U)."""
        if self.end <= self.start:
            return self.insulin if start <= self.start else 0.0
        after = self.end - max(self.start, start)
        return self.insulin * max(0.0, after / (self.end - self.start))

    def between(self, start: datetime, end: datetime) -> float:
        """Return the insulin delivered from one instant until before another (U)."""
        return self.since(start) - self.since(end)

    def until(self, end: datetime) -> Delivery:
        """Return the part that was delivered by an instant."""
        if self.end <= end or self.end <= self.start:
            return self
        return Delivery(self.insulin - self.since(end), self.start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event or a span of one pump, with its start."""

    key: EventKey
    """Sequence group and number of the first event that it is built from."""
    start: datetime
    """UTC."""
    pump_time: datetime
    """The same instant on the pump's wall clock."""

    @property
    def day(self) -> date:
        """The pump's own day."""
        return self.pump_time.date()

    @property
    def offset(self) -> timedelta:
        """The pump clock's offset from UTC."""
        return self.pump_time - self.start.replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bolus(Record):
    """One bolus with both of its parts (U, g, mg/dL, minutes)."""

    numbers: tuple[int, ...]
    """Sequence numbers of all events that it is built from."""
    bolus_id: int
    nth: int
    """Its number among the boluses of this id on its pump day; 1 except where ids start over."""
    kind: BolusKind
    requested: float
    now_requested: float
    extended_requested: float
    now_delivery: Delivery | None
    """Insulin delivered at once, up to the newest event."""
    extended_deliveries: tuple[Delivery, ...]
    """Insulin of the extended part up to the newest event, as the pump reported it, else evenly."""
    extended_start: datetime | None
    extended_minutes: float
    """Planned while it runs, actual once it ended."""
    planned_minutes: int
    """Planned duration of the extended part."""
    end: datetime | None
    completion: Completion | None
    end_missing: bool
    """The end is overdue; the insulin that there was time to deliver counts as delivered."""
    never_started: bool
    """It was requested, and the log went on without its delivery."""
    in_progress: bool
    """Its end is unknown."""
    complete: bool
    """Enough is known to send it to Nightscout."""
    carbs: int | None
    """None where the event that reports them is missing."""
    glucose: int | None
    glucose_from_cgm: bool | None
    """None where no entry of the value is logged."""
    food: float | None
    correction: float | None
    insulin_on_board: float | None
    carb_ratio: float | None
    correction_factor: int | None
    target: int | None
    option: BolusOption | None
    source: BolusSource | None
    override: bool
    declined_correction: bool
    start_lost_at: EventKey | None = None
    """From where on the events are missing that would report whether it started; None where that is known."""

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Insulin of both parts up to the newest event, in the order of time."""
        return (
            *((self.now_delivery,) if self.now_delivery else ()),
            *self.extended_deliveries,
        )

    @property
    def now_delivered(self) -> float:
        """Insulin delivered at once (U)."""
        return self.now_delivery.insulin if self.now_delivery else 0.0

    @property
    def extended_delivered(self) -> float:
        """Insulin delivered by the extended part (U)."""
        return round(sum(part.insulin for part in self.extended_deliveries), 3)

    @property
    def delivered(self) -> float:
        """Insulin of both parts up to the newest event (U)."""
        return round(self.now_delivered + self.extended_delivered, 3)

    @property
    def possible_kinds(self) -> frozenset[BolusKind]:
        """The kinds that it may be of; more than one where events that decide this are missing."""
        if self.kind is not BolusKind.NOT_KNOWN:
            return frozenset({self.kind})
        if self.option is None and self.source is None:
            return frozenset(
                {BolusKind.MEAL, BolusKind.CORRECTION, BolusKind.AUTOMATIC}
            )
        return frozenset({BolusKind.MEAL, BolusKind.CORRECTION})

    @property
    def identity(self) -> str:
        """Its name among all boluses of its pump; ids alone start over."""
        name = f"bolus:{self.key[0]}-{self.bolus_id}-{self.pump_time:%Y%m%d}"
        return name if self.nth == 1 else f"{name}-{self.nth}"

    @property
    def former_identity(self) -> str:
        """Its name in version 1.0.0; two of one year may share it."""
        return f"bolus:{self.key[0]}-{self.bolus_id}-{self.pump_time.year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasalSegment(Record):
    """A span with one basal rate (U/h)."""

    numbers: tuple[int, ...]
    end: datetime
    running: bool
    """The end is unknown: `end` is 30 minutes after the newest event."""
    rate: float
    profile_rate: float | None
    source: BasalSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Record):
    """A span without any delivery, also of a pump that is off; reason None is unknown."""

    numbers: tuple[int, ...]
    end: datetime
    running: bool
    reason: StopReason | None
    resumed: bool = False
    """Whether somebody resumed delivery (12)."""
    end_known: bool = True
    """Whether it ended at `end`; otherwise events are missing from then on that may report its end."""
    may_have_begun_before: bool = False
    """Whether it may have started before the first event that reports it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasalGap(Record):
    """A span for which it is unknown whether basal insulin flowed; none is counted.

    The pump was off and did not log it, or its events have not been uploaded.
    """

    end: datetime
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Record):
    """An alarm, malfunction, alert or CGM alert, from when it was raised until it ended."""

    kind: AlarmKind
    alarm: int
    ended: datetime | None
    """When it was cleared, raised again or lapsed (UTC); None while it is raised."""
    ended_by: AlarmEnd | None
    acknowledged: datetime | None
    parameter: int | None = None
    """The parameter it was raised with; for a CGM alert about its sensor, the sensor's condition."""

    @property
    def cleared(self) -> datetime | None:
        """When it was cleared (UTC); None if it was raised again or lapsed."""
        return self.ended if self.ended_by is AlarmEnd.CLEARED else None

    @property
    def number(self) -> int | None:
        """Its number, None where the pump's log has no readable one."""
        return None if self.alarm == alarm_names.NO_NUMBER else self.alarm

    @property
    def slug(self) -> str:
        """The stable name of its number."""
        return alarm_names.slug(self.kind, self.alarm)

    @property
    def meaning(self) -> str:
        """Its meaning in plain words (English)."""
        return alarm_names.words(self.kind, self.alarm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill(Record):
    """A cartridge, tubing or cannula fill (U; None when not reported)."""

    kind: FillKind
    amount: float | None
    completion: Completion | None
    is_site_change: bool
    """A cannula fill, or a cartridge that no cannula fill followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySpan(Record):
    """Sleep, exercise or eating soon, from start to end."""

    mode: UserMode
    end: datetime | None
    """None while it runs."""
    planned_minutes: int | None
    by_schedule: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityModeChange(Record):
    """The activity mode from here on; None is unknown."""

    mode: UserMode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlModeChange(Record):
    """The pump's control mode from here on; None is unknown."""

    mode: ControlMode | None
    closed_loop_preferred: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmReading(Record):
    """One sensor reading (mg/dL, mg/dL per minute, dBm); 39 is below and 401 above the range."""

    glucose: int | None
    state: GlucoseState
    rate: float | None
    trend: Trend | None
    signal: int | None
    backfilled: bool
    condition: SensorCondition | None = None
    """The sensor's report about itself where it has no value."""
    dated: datetime | None = None
    """UTC instant by a fast clock, where that is after the upload and so after the start."""

    @property
    def measured(self) -> datetime:
        """UTC instant for the time between two readings."""
        return self.dated or self.start

    @property
    def value(self) -> int | None:
        """Glucose (mg/dL); None beyond the sensor's range."""
        return self.glucose if self.state is GlucoseState.NORMAL else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionStart(Record):
    """The start of a sensor session, or the pump joining a running one."""

    cgm_type: CgmType
    joined: bool
    session_start: datetime | None
    expires: datetime | None
    transmitter_start: datetime | None
    transmitter_expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionEnd(Record):
    """The end of a sensor session."""

    cgm_type: CgmType
    session_start: datetime | None
    session_stop: datetime | None
    reason: int | None
    """As the pump reported it; None also where only the sensor's readings report the end."""
    condition: SensorCondition = SensorCondition.ENDED
    """The sensor's condition from then on."""
    of_last_start: bool = True
    """Whether it may have ended the session that began last, and not one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsulinOnBoard(Record):
    """Insulin on board as the pump reported it (U)."""

    insulin: float
    counted_from: datetime | None = None
    """When the pump last started to count at 0 (UTC); None where its log has no restart."""
    ends_bolus: bool = False
    """Whether it was reported with the end of a bolus, and so includes the insulin of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartridgeReading(Record):
    """The cartridge's level when the pump reported it (U); None is unknown."""

    insulin: int | None
    by_alarm: bool = False
    """Whether an alarm reported it: the cartridge is empty, was removed or is not detected."""
    at_suspension: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEvent(Record):
    """An event of insulin, carbs or glucose that cannot be read, and what it may concern."""

    code: int | None
    """None where the event itself is missing."""
    basal: bool
    bolus: bool
    carbs: bool
    cartridge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingEvents(Record):
    """Events that were lost, have not been uploaded or cannot be read, from `start` to `end` (UTC)."""

    end: datetime
    """When the log continues (UTC)."""
    code: int | None
    """The code of an unreadable event; None where events of any code may be missing."""

    def may_be(self, *codes: int) -> bool:
        """Return whether an event of one of these codes may be among them."""
        return self.code is None or self.code in codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery(Record):
    """Battery charge (%)."""

    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorType(Record):
    """The type of the sensor in use, reported once a day and when it is changed."""

    cgm_type: CgmType | None
    """None where it was changed to an unknown one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSessionStep(Record):
    """An event that a session or its sensor type is about to change, or no sensor is in use (441)."""

    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucosePrediction(Record):
    """The glucose that low-glucose suspend predicts (mg/dL; None: no prediction now)."""

    glucose: int | None
