"""What happened to a person with a pump: one record each, derived from the pump's events."""

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
"""Decimals of a basal rate (U/h) that mean anything."""


class BolusKind(StrEnum):
    """What a bolus was for."""

    AUTOMATIC = "automatic"
    EXTENDED = "extended"
    MEAL = "meal"
    CORRECTION = "correction"
    NOT_KNOWN = "not_known"
    """The message that tells whether carbs were entered is missing."""


KNOWN_KINDS = tuple(kind for kind in BolusKind if kind is not BolusKind.NOT_KNOWN)


class FillKind(StrEnum):
    """What was filled during a site change."""

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
"""The pump is not only suspended."""


class AlarmEnd(StrEnum):
    """What ended an alarm first; `LAPSED` where the log has no end of it."""

    CLEARED = "cleared"
    REPEATED = "repeated"
    LAPSED = "lapsed"


class GlucoseState(StrEnum):
    """What the sensor could tell; low and high are beyond its range."""

    NORMAL = "normal"
    LOW = "low"
    HIGH = "high"
    NO_READING = "no_reading"


class SensorCondition(StrEnum):
    """Why a sensor has no readings, for as long as it has none."""

    WARMING_UP = "warming_up"
    FAILED = "failed"
    EXPIRED = "expired"
    ENDED = "ended"
    """Its session was stopped, by the person or for a reason that was not reported."""


class Trend(StrEnum):
    """Where glucose is heading, by mg/dL per minute as Nightscout names it."""

    DOUBLE_DOWN = "double_down"
    SINGLE_DOWN = "single_down"
    FORTY_FIVE_DOWN = "forty_five_down"
    FLAT = "flat"
    FORTY_FIVE_UP = "forty_five_up"
    SINGLE_UP = "single_up"
    DOUBLE_UP = "double_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Insulin (U) delivered evenly from start to end, at once when both are the same."""

    insulin: float
    start: datetime
    end: datetime

    def since(self, start: datetime) -> float:
        """Return how much of it was delivered from an instant on (U)."""
        if self.end <= self.start:
            return self.insulin if start <= self.start else 0.0
        after = self.end - max(self.start, start)
        return self.insulin * max(0.0, after / (self.end - self.start))

    def between(self, start: datetime, end: datetime) -> float:
        """Return how much of it was delivered from one instant until before another (U)."""
        return self.since(start) - self.since(end)

    def until(self, end: datetime) -> Delivery:
        """Return the part of it that was delivered by an instant."""
        if self.end <= end or self.end <= self.start:
            return self
        return Delivery(self.insulin - self.since(end), self.start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Something that happened at one instant of one pump."""

    key: EventKey
    """Group and number of the first event it is built from."""
    start: datetime
    """UTC."""
    pump_time: datetime
    """The same instant on the pump's wall clock."""

    @property
    def day(self) -> date:
        """The pump day it belongs to."""
        return self.pump_time.date()

    @property
    def offset(self) -> timedelta:
        """How far the pump's clock was ahead of UTC."""
        return self.pump_time - self.start.replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bolus(Record):
    """One bolus with both of its parts (U, g, mg/dL, minutes)."""

    numbers: tuple[int, ...]
    """Sequence numbers of every event it is built from."""
    bolus_id: int
    nth: int
    """Which one of its id it is on its pump day; 1 save where ids begin anew."""
    kind: BolusKind
    requested: float
    now_requested: float
    extended_requested: float
    now_delivery: Delivery | None
    """What flowed at once up to the newest event."""
    extended_deliveries: tuple[Delivery, ...]
    """What flowed over time up to the newest event, as far as the pump reported it, else evenly."""
    extended_start: datetime | None
    extended_minutes: float
    """Planned while it runs, as it was once it ended."""
    planned_minutes: int
    """How long the extended part was meant to take."""
    end: datetime | None
    completion: Completion | None
    end_missing: bool
    """The end should have come long ago; what had time to flow stands for delivered."""
    never_started: bool
    """It was asked for, and the log went on without it."""
    in_progress: bool
    """Its end is not known."""
    complete: bool
    """Enough is known to write it down."""
    carbs: int | None
    """None where the message that tells them is missing."""
    glucose: int | None
    glucose_from_cgm: bool | None
    """None where nothing tells who entered it."""
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

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What flowed up to the newest event, in the order of time."""
        return (
            *((self.now_delivery,) if self.now_delivery else ()),
            *self.extended_deliveries,
        )

    @property
    def now_delivered(self) -> float:
        """What flowed at once (U)."""
        return self.now_delivery.insulin if self.now_delivery else 0.0

    @property
    def extended_delivered(self) -> float:
        """What flowed over time (U)."""
        return round(sum(part.insulin for part in self.extended_deliveries), 3)

    @property
    def delivered(self) -> float:
        """What flowed of both parts up to the newest event (U)."""
        return round(self.now_delivered + self.extended_delivered, 3)

    @property
    def possible_kinds(self) -> frozenset[BolusKind]:
        """What it may have been for; more than one where the messages that tell are missing."""
        if self.kind is not BolusKind.NOT_KNOWN:
            return frozenset({self.kind})
        if self.option is None and self.source is None:
            return frozenset(
                {BolusKind.MEAL, BolusKind.CORRECTION, BolusKind.AUTOMATIC}
            )
        return frozenset({BolusKind.MEAL, BolusKind.CORRECTION})

    @property
    def identity(self) -> str:
        """What names it among all boluses of its pump; ids begin anew some day."""
        name = f"bolus:{self.key[0]}-{self.bolus_id}-{self.pump_time:%Y%m%d}"
        return name if self.nth == 1 else f"{name}-{self.nth}"

    @property
    def former_identity(self) -> str:
        """How version 1.0.0 named it; two of one year may share that name."""
        return f"bolus:{self.key[0]}-{self.bolus_id}-{self.pump_time.year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasalSegment(Record):
    """A span of one basal rate (U/h)."""

    numbers: tuple[int, ...]
    end: datetime
    running: bool
    """The end is not known yet: `end` lies 30 minutes past the newest event."""
    rate: float
    profile_rate: float | None
    source: BasalSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(Record):
    """A span without any delivery, also of a pump that is off; reason None is not reported."""

    numbers: tuple[int, ...]
    end: datetime
    running: bool
    reason: StopReason | None
    resumed: bool = False
    """Whether the pump was told to deliver again (12)."""
    end_known: bool = True
    """Whether it ended then; else what tells of its end is missing from the log from then on."""
    may_have_begun_before: bool = False
    """Whether what tells of it first leaves open that it began before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasalGap(Record):
    """A span of which nobody knows whether basal insulin flowed: none is counted.

    The pump was off and did not log it, or what it logged has not been uploaded.
    """

    end: datetime
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Record):
    """An alarm, malfunction, alert or CGM alert, from coming up to going away."""

    kind: AlarmKind
    alarm: int
    ended: datetime | None
    """Until when it stood by itself; None while it is raised."""
    ended_by: AlarmEnd | None
    acknowledged: datetime | None
    parameter: int | None = None
    """What it was raised with; of a CGM alert about its sensor, what that sensor said of itself."""

    @property
    def cleared(self) -> datetime | None:
        """When it was cleared; None of one that was raised again or whose end is not known."""
        return self.ended if self.ended_by is AlarmEnd.CLEARED else None

    @property
    def number(self) -> int | None:
        """Its number, None where the pump's log has none that can be read."""
        return None if self.alarm == alarm_names.NO_NUMBER else self.alarm

    @property
    def slug(self) -> str:
        """Stable name of its number."""
        return alarm_names.slug(self.kind, self.alarm)

    @property
    def meaning(self) -> str:
        """Its meaning in plain words."""
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
    """The activity mode from here on; None is not known."""

    mode: UserMode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlModeChange(Record):
    """The pump's control mode from here on; None is not known."""

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
    """What the sensor said of itself where it had no value to tell."""
    dated: datetime | None = None
    """UTC instant by a fast clock, where that lies behind the upload and so behind the start."""

    @property
    def measured(self) -> datetime:
        """UTC instant from which to reckon how far apart two readings are."""
        return self.dated or self.start

    @property
    def value(self) -> int | None:
        """Glucose (mg/dL) where the sensor could put a number to it."""
        return self.glucose if self.state is GlucoseState.NORMAL else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionStart(Record):
    """A sensor session's start, or the pump joining it."""

    cgm_type: CgmType
    joined: bool
    session_start: datetime | None
    expires: datetime | None
    transmitter_start: datetime | None
    transmitter_expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CgmSessionEnd(Record):
    """A sensor session's end."""

    cgm_type: CgmType
    session_start: datetime | None
    session_stop: datetime | None
    reason: int | None
    """As the pump reported it; None also where only the sensor's readings told of the end."""
    condition: SensorCondition = SensorCondition.ENDED
    """What the sensor was from then on."""
    of_last_start: bool = True
    """Whether it may have ended the session that began last, and not one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsulinOnBoard(Record):
    """Insulin on board as the pump reported it (U)."""

    insulin: float
    counted_from: datetime | None = None
    """When the pump last began to count at 0, as far as its log tells."""
    ends_bolus: bool = False
    """Whether it was said with the end of a bolus, whose insulin it so counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartridgeReading(Record):
    """What the cartridge held when the pump measured it (U); None is not known."""

    insulin: int | None
    by_alarm: bool = False
    """Whether an alarm tells it: it is empty, was removed or is not detected."""
    at_suspension: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEvent(Record):
    """Something of insulin, carbs or glucose that cannot be read: what it belongs to is not known."""

    code: int
    basal: bool
    bolus: bool
    carbs: bool
    cartridge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingEvents(Record):
    """Events that were lost, have not been uploaded or cannot be read; before its start the log is whole."""

    end: datetime
    """When the log goes on (UTC)."""
    code: int | None
    """What cannot be read; None where it may be anything."""

    def may_be(self, *codes: int) -> bool:
        """Return whether an event of one of these codes may be among them."""
        return self.code is None or self.code in codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery(Record):
    """Battery charge (%)."""

    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorType(Record):
    """The sensor in use, told once a day and when it is changed."""

    cgm_type: CgmType | None
    """None where it was changed to an unknown one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSessionStep(Record):
    """A session or what it is for is about to change, or the pump listens to no sensor (441)."""

    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucosePrediction(Record):
    """The glucose that low-glucose suspend expects (mg/dL; None: it expects nothing now)."""

    glucose: int | None
