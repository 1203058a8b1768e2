"""Short constructors of the records of one pump day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalSource,
    CgmType,
    Completion,
    ControlMode,
    UserMode,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    ActivityModeChange,
    ActivitySpan,
    Alarm,
    BasalGap,
    BasalSegment,
    Battery,
    Bolus,
    BolusKind,
    CartridgeReading,
    CgmReading,
    CgmSessionEnd,
    CgmSessionStart,
    ControlModeChange,
    Delivery,
    Fill,
    FillKind,
    GlucoseState,
    InsulinOnBoard,
    StopReason,
    Suspension,
)

PUMP = PumpIdentity(serial_number="12345678", model="t:slim X2")
DAY = date(2025, 11, 20)
OFFSET = timedelta(hours=1)


def wall(clock: str, day: date = DAY) -> datetime:
    """Return a time of day on the pump's clock."""
    return datetime.combine(day, datetime.strptime(clock, "%H:%M:%S").time())  # noqa: DTZ007 - the pump's clock has no zone


def utc(clock: str, day: date = DAY) -> datetime:
    """Return the instant at which the pump's clock showed this time."""
    return (wall(clock, day) - OFFSET).replace(tzinfo=UTC)


def at(clock: str, number: int, day: date = DAY) -> dict[str, Any]:
    """Return the fields of every record."""
    return {
        "key": (0, number),
        "start": utc(clock, day),
        "pump_time": wall(clock, day),
    }


def segment(
    clock: str, until: str, rate: float, number: int, **other: Any
) -> BasalSegment:
    """Return a segment of one rate (U/h)."""
    day = other.pop("day", DAY)
    made = BasalSegment(
        **at(clock, number, day),
        numbers=(number,),
        end=utc(until, day),
        running=False,
        rate=rate,
        profile_rate=rate,
        source=BasalSource.ALGORITHM,
    )
    return replace(made, **other)


def suspension(clock: str, until: str, number: int, **other: Any) -> Suspension:
    """Return a suspension."""
    made = Suspension(
        **at(clock, number),
        numbers=(number,),
        end=utc(until),
        running=False,
        reason=StopReason.USER,
    )
    return replace(made, **other)


def gap(clock: str, until: str, number: int, **other: Any) -> BasalGap:
    """Return a gap, in which the rate is unknown."""
    made = BasalGap(**at(clock, number), end=utc(until), running=False)
    return replace(made, **other)


def bolus(clock: str, units: float, number: int, **other: Any) -> Bolus:
    """Return a completed correction (U), or a bolus with these further fields."""
    day = other.pop("day", DAY)
    start = utc(clock, day)
    given = other.pop("delivered", units)
    later = other.pop("extended_delivered", 0.0)
    later_start = other.get("extended_start") or start
    later_end = later_start + timedelta(minutes=other.get("extended_minutes", 0))
    now = round(given - later, 3)
    made = Bolus(
        **at(clock, number, day),
        numbers=(number, number + 1, number + 2),
        bolus_id=number % 1000,
        nth=1,
        kind=BolusKind.CORRECTION,
        requested=units,
        now_requested=round(units - other.get("extended_requested", 0.0), 3),
        extended_requested=0,
        now_delivery=Delivery(now, start, start + timedelta(seconds=20))
        if now
        else None,
        extended_deliveries=(Delivery(later, later_start, later_end),) if later else (),
        extended_start=None,
        extended_minutes=0,
        planned_minutes=other.get("extended_minutes", 0),
        end=start + timedelta(minutes=2),
        completion=Completion.COMPLETED,
        end_missing=False,
        never_started=False,
        in_progress=False,
        complete=True,
        carbs=0,
        glucose=None,
        glucose_from_cgm=False,
        food=None,
        correction=None,
        insulin_on_board=None,
        carb_ratio=None,
        correction_factor=None,
        target=None,
        option=None,
        source=None,
        override=False,
        declined_correction=False,
    )
    return replace(made, **other)


def alarm(
    clock: str, number: int, alarm: int = 2, kind: AlarmKind = AlarmKind.ALARM
) -> Alarm:
    """Return an alarm that is not cleared yet."""
    return Alarm(
        **at(clock, number),
        kind=kind,
        alarm=alarm,
        ended=None,
        ended_by=None,
        acknowledged=None,
    )


def history(newest: datetime | None = None, **records: Any) -> History:
    """Return a history with these records."""
    kinds: dict[str, Any] = {kind: tuple(several) for kind, several in records.items()}
    return History(newest=newest, **kinds)


def fill(clock: str, number: int, kind: FillKind, **other: Any) -> Fill:
    """Return a fill with a known amount (U)."""
    made = Fill(
        **at(clock, number),
        kind=kind,
        amount=0.3,
        completion=Completion.COMPLETED,
        is_site_change=kind is FillKind.CANNULA,
    )
    return replace(made, **other)


def mode(clock: str, number: int, mode: UserMode, **other: Any) -> ActivitySpan:
    """Return a running mode."""
    made = ActivitySpan(
        **at(clock, number),
        mode=mode,
        end=None,
        planned_minutes=None,
        by_schedule=False,
    )
    return replace(made, **other)


def session(
    clock: str, number: int, cgm_type: CgmType = CgmType.DEXCOM_G7, **other: Any
) -> CgmSessionStart:
    """Return a sensor session that starts now."""
    made = CgmSessionStart(
        **at(clock, number),
        cgm_type=cgm_type,
        joined=False,
        session_start=None,
        expires=None,
        transmitter_start=None,
        transmitter_expires=None,
    )
    return replace(made, **other)


def session_end(clock: str, number: int) -> CgmSessionEnd:
    """Return the end of a sensor session."""
    return CgmSessionEnd(
        **at(clock, number),
        cgm_type=CgmType.DEXCOM_G7,
        session_start=None,
        session_stop=None,
        reason=None,
    )


def reading(clock: str, number: int, glucose: int | None, **other: Any) -> CgmReading:
    """Return a reading (mg/dL)."""
    made = CgmReading(
        **at(clock, number),
        glucose=glucose,
        state=GlucoseState.NORMAL,
        rate=None,
        trend=None,
        signal=None,
        backfilled=False,
    )
    return replace(made, **other)


def insulin_on_board(clock: str, number: int, insulin: float) -> InsulinOnBoard:
    """Return insulin on board as the pump logged it (U)."""
    return InsulinOnBoard(**at(clock, number), insulin=insulin)


def cartridge(clock: str, number: int, insulin: int) -> CartridgeReading:
    """Return a reservoir reading of the pump (U)."""
    return CartridgeReading(**at(clock, number), insulin=insulin)


def battery(clock: str, number: int, percent: int, day: date = DAY) -> Battery:
    """Return the battery's charge (%)."""
    return Battery(**at(clock, number, day), percent=percent)


def activity(clock: str, number: int, mode: UserMode | None) -> ActivityModeChange:
    """Return a change of the activity mode."""
    return ActivityModeChange(**at(clock, number), mode=mode)


def control(clock: str, number: int, mode: ControlMode | None) -> ControlModeChange:
    """Return a change of the control mode."""
    return ControlModeChange(**at(clock, number), mode=mode, closed_loop_preferred=None)
