"""From an event code to its typed event (Tandem Source, pump-logs answer)."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypedDict

from .events import (
    AlarmCleared,
    AlarmKind,
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    BasalSource,
    BatteryReading,
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOption,
    BolusOptions,
    BolusRequested,
    BolusSource,
    BolusStarted,
    BolusType,
    CannulaFilled,
    CartridgeFilled,
    CgmAlertAcknowledged,
    CgmReading,
    CgmSessionStarted,
    CgmSessionStopped,
    CgmType,
    Completion,
    ControlMode,
    ControlModeChanged,
    DailyStatus,
    DateChanged,
    DeliveryResumed,
    DeliverySuspended,
    GlucoseEntered,
    GlucoseStatus,
    PredictedGlucose,
    PumpEvent,
    RawEvent,
    SuspendReason,
    TimeChanged,
    TubingFilled,
    UserMode,
    UserModeChanged,
)
from .properties import PUMP_EPOCH, MalformedEvent, Properties

MAX_RATE = 40.0
MAX_BOLUS = 60.0
MAX_IOB = 300.0
MAX_CARTRIDGE = 500
MAX_PRIME = 100.0
DAY_SECONDS = 86400
LATEST_YEAR = 2100


class Header(TypedDict):
    """What every event carries."""

    code: int
    group: int
    number: int
    pump_time: datetime


type Decoder = Callable[[Properties, Header], PumpEvent]


@dataclass(slots=True)
class Decoded:
    """Typed events in the order they came, and how many could not be read, by code."""

    events: list[PumpEvent] = field(default_factory=list)
    unknown: Counter[int] = field(default_factory=Counter)
    malformed: Counter[int] = field(default_factory=Counter)


def decode_events(raws: Iterable[RawEvent]) -> Decoded:
    """Decode events in wire shape; unreadable ones are counted, never raised."""
    decoded = Decoded()
    for raw in raws:
        header = read_header(raw)
        if header is None:
            decoded.malformed[0] += 1
            continue
        code = header["code"]
        decoder = DECODERS.get(code)
        if decoder is None:
            decoded.unknown[code] += 1
            decoded.events.append(PumpEvent(**header))
            continue
        try:
            decoded.events.append(decoder(_properties(raw), header))
        except MalformedEvent:
            decoded.malformed[code] += 1
            decoded.events.append(PumpEvent(**header))
    return decoded


def read_header(raw: RawEvent) -> Header | None:
    """Return code, sequence and pump time of an event, or None when they make no sense."""
    code, group, number = (
        raw.get(key) for key in ("eventCode", "sequenceGroup", "sequenceNumber")
    )
    if (
        not isinstance(code, int)
        or not isinstance(group, int)
        or not isinstance(number, int)
    ):
        return None
    try:
        pump_time = datetime.fromisoformat(raw.get("pumpDateTime", "")).replace(
            tzinfo=None
        )
    except TypeError, ValueError:
        return None
    if not PUMP_EPOCH.year <= pump_time.year < LATEST_YEAR:
        return None
    return Header(code=code, group=group, number=number, pump_time=pump_time)


def _properties(raw: RawEvent) -> Properties:
    values: Any = raw.get("eventProperties")
    if not isinstance(values, dict):
        raise MalformedEvent("eventProperties")
    return Properties(values)


def _basal_delivery(fields: Properties, header: Header) -> PumpEvent:
    return BasalDelivery(
        **header,
        source=fields.enum("commandedRateSource", BasalSource),
        rate=fields.milli("commandedRate", MAX_RATE),
        profile_rate=fields.optional_milli("profileBasalRate", MAX_RATE),
    )


def _basal_rate_change(fields: Properties, header: Header) -> PumpEvent:
    return BasalRateChange(
        **header,
        rate=fields.number("commandedBasalRate", 0, MAX_RATE),
        profile_rate=fields.optional_number("baseBasalRate", 0, MAX_RATE),
        changes=fields.bits("changeType"),
    )


def _suspended(fields: Properties, header: Header) -> PumpEvent:
    return DeliverySuspended(
        **header,
        reason=fields.optional_enum("suspendReason", SuspendReason),
        insulin=fields.optional_integer("insulinAmount", 0, MAX_CARTRIDGE),
    )


def _resumed(fields: Properties, header: Header) -> PumpEvent:
    return DeliveryResumed(
        **header, insulin=fields.optional_integer("insulinAmount", 0, MAX_CARTRIDGE)
    )


def _time_changed(fields: Properties, header: Header) -> PumpEvent:
    return TimeChanged(
        **header,
        before=fields.number("timePrior", 0, DAY_SECONDS * 1000) / 1000,
        after=fields.number("timeAfter", 0, DAY_SECONDS * 1000) / 1000,
    )


def _date_changed(fields: Properties, header: Header) -> PumpEvent:
    return DateChanged(
        **header,
        before=fields.integer("datePrior", 0, 65534),
        after=fields.integer("dateAfter", 0, 65534),
    )


def _glucose_entered(fields: Properties, header: Header) -> PumpEvent:
    return GlucoseEntered(
        **header,
        glucose=fields.optional_integer("bg", 1, 1000),
        from_cgm=fields.flag("bgEntryType"),
        insulin_on_board=fields.optional_number("iob", 0, MAX_IOB),
    )


def _bolus_requested(fields: Properties, header: Header) -> PumpEvent:
    return BolusRequested(
        **header,
        bolus_id=fields.integer("bolusId", 0, 65535),
        type=fields.optional_enum("bolusType", BolusType),
        carbs=fields.integer("carbAmount", 0, 1000),
        glucose=fields.optional_integer("bg", 1, 1000),
        carb_ratio=fields.optional_milli("carbRatio", 300.0) or None,
        insulin_on_board=fields.optional_number("iob", 0, MAX_IOB),
    )


def _bolus_options(fields: Properties, header: Header) -> PumpEvent:
    return BolusOptions(
        **header,
        bolus_id=fields.integer("bolusId", 0, 65535),
        option=fields.optional_enum("options", BolusOption),
        standard_percent=fields.optional_integer("standardPercent", 0, 100),
        duration=fields.optional_integer("duration", 0, 1440) or 0,
        correction_factor=fields.optional_integer("isf", 1, 1000),
        target=fields.optional_integer("targetBg", 1, 1000),
        override=fields.flag("userOverride"),
        declined_correction=fields.flag("declinedCorrection"),
    )


def _bolus_amounts(fields: Properties, header: Header) -> PumpEvent:
    return BolusAmounts(
        **header,
        bolus_id=fields.integer("bolusId", 0, 65535),
        food=fields.optional_number("foodBolusSize", 0, MAX_BOLUS),
        correction=fields.optional_number("correctionBolusSize", -MAX_BOLUS, MAX_BOLUS),
        total=fields.number("totalBolusSize", 0, MAX_BOLUS),
    )


def _bolus_started(fields: Properties, header: Header) -> PumpEvent:
    extended = header["code"] == 59
    return BolusStarted(
        **header,
        bolus_id=fields.integer("bolusId", 0, 65535),
        extended=extended,
        size=fields.optional_number(
            "bolexSize" if extended else "bolusSize", 0, MAX_BOLUS
        ),
        insulin_on_board=fields.optional_number("iob", 0, MAX_IOB),
    )


def _bolus_ended(fields: Properties, header: Header) -> PumpEvent:
    return BolusEnded(
        **header,
        bolus_id=fields.integer("bolusId", 0, 65535),
        extended=header["code"] == 21,
        completion=fields.optional_enum("completionStatus", Completion),
        delivered=fields.number("insulinDelivered", 0, MAX_BOLUS),
        requested=fields.optional_number("insulinRequested", 0, MAX_BOLUS),
        insulin_on_board=fields.optional_number("iob", 0, MAX_IOB),
    )


def _bolus_delivery(fields: Properties, header: Header) -> PumpEvent:
    return BolusDelivery(
        **header,
        bolus_id=fields.integer("bolusId", 0, 65535),
        started=fields.integer("bolusDeliveryStatus", 0, 1) == 1,
        source=fields.optional_enum("bolusSource", BolusSource),
        requested_now=fields.optional_milli("requestedNow", MAX_BOLUS),
        requested_later=fields.optional_milli("requestedLater", MAX_BOLUS),
        correction=fields.optional_milli("correction", MAX_BOLUS),
        duration=fields.optional_integer("extendedDurationRequested", 0, 1440),
        delivered=fields.optional_milli("deliveredTotal", MAX_BOLUS),
    )


def _raised(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmRaised(**header, kind=kind, alarm=fields.integer(key, 0, 65534))

    return decode


def _cleared(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmCleared(**header, kind=kind, alarm=fields.integer(key, 0, 65534))

    return decode


def _cgm_alert_acknowledged(fields: Properties, header: Header) -> PumpEvent:
    return CgmAlertAcknowledged(**header, alarm=fields.integer("dalertId", 0, 65534))


def _cartridge_filled(fields: Properties, header: Header) -> PumpEvent:
    filled = fields.optional_number("insulinVolume", 0, MAX_CARTRIDGE)
    return CartridgeFilled(
        **header,
        filled=filled or fields.optional_number("v2Volume", 0, MAX_CARTRIDGE) or None,
    )


def _tubing_filled(fields: Properties, header: Header) -> PumpEvent:
    return TubingFilled(
        **header,
        primed=fields.optional_number("primeSize", 0, MAX_PRIME),
        completion=fields.optional_enum("completionStatus", Completion),
    )


def _cannula_filled(fields: Properties, header: Header) -> PumpEvent:
    return CannulaFilled(
        **header,
        primed=fields.optional_number("primeSize", 0, MAX_PRIME),
        completion=fields.optional_enum("completionStatus", Completion),
    )


def _battery(fields: Properties, header: Header) -> PumpEvent:
    return BatteryReading(
        **header, percent=fields.integer("abc", 0, 100), insulin_on_board=None
    )


def _daily_basal(fields: Properties, header: Header) -> PumpEvent:
    return BatteryReading(
        **header,
        percent=fields.integer("batteryChargePercent", 0, 100),
        insulin_on_board=fields.optional_number("iob", 0, MAX_IOB),
    )


def _user_mode(fields: Properties, header: Header) -> PumpEvent:
    minutes = fields.optional_integer("exerciseTime", 0, 1440)
    return UserModeChanged(
        **header,
        mode=fields.enum("currentUserMode", UserMode),
        previous=fields.optional_enum("previousUserMode", UserMode),
        requested=fields.optional_integer("requestedAction", 0, 254),
        timed_minutes=minutes if minutes and fields.flag("exerciseChoice") else None,
        by_schedule=bool(fields.bits("activeSleepSchedule"))
        and not fields.flag("sleepStartedByGui"),
        stopped_by_timer=fields.flag("exerciseStoppedByTimer")
        or fields.flag("eatingSoonStoppedByTimer"),
    )


def _control_mode(fields: Properties, header: Header) -> PumpEvent:
    return ControlModeChanged(
        **header,
        mode=fields.enum("currentPcm", ControlMode),
        previous=fields.optional_enum("previousPcm", ControlMode),
        suspended=fields.flag("pumpSuspended"),
        cgm_available=fields.flag("cgmAvailable"),
        closed_loop_preferred=fields.flag("closedLoopPreferred"),
    )


def _daily_status(fields: Properties, header: Header) -> PumpEvent:
    return DailyStatus(
        **header,
        control_mode=fields.optional_enum("pumpControlState", ControlMode),
        user_mode=fields.optional_enum("usermode", UserMode),
        cgm_type=fields.optional_enum("sensorType", CgmType),
    )


def _cgm_reading(fields: Properties, header: Header) -> PumpEvent:
    rate = fields.optional_number("rate", -100, 100)
    read_at = fields.wall_clock("egvTimeStamp")
    if read_at is None or read_at.year >= LATEST_YEAR:
        raise MalformedEvent("egvTimeStamp")
    return CgmReading(
        **header,
        read_at=read_at,
        status=fields.enum("glucoseValueStatus", GlucoseStatus),
        value=fields.integer("currentGlucoseDisplayValue", 0, 65535),
        rate=None if rate is None else rate / 10,
        signal=fields.optional_integer("rssi", -126, -1),
        algorithm_state=fields.optional_integer("algorithmState", 0, 254),
        backfilled=1 in fields.bits("cgmDataType"),
    )


def _dexcom_g6_session(fields: Properties, header: Header) -> PumpEvent:
    transmitter_start, session_start = _transmitter_times(fields, header)
    return CgmSessionStarted(
        **header,
        joined=header["code"] == 213,
        session_start=session_start,
        days=fields.optional_integer("sessionDuration", 1, 90),
        transmitter_start=transmitter_start,
    )


def _dexcom_g7_session(fields: Properties, header: Header) -> PumpEvent:
    age = fields.seconds("cgmTimestamp")
    return CgmSessionStarted(
        **header,
        joined=True,
        session_start=None if age is None else _ago(header, age),
        days=None,
        transmitter_start=None,
    )


def _libre_session(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStarted(
        **header,
        joined=header["code"] != 404,
        session_start=fields.wall_clock("sessionStartTime"),
        days=fields.optional_integer("sessionDuration", 1, 90),
        transmitter_start=None,
    )


def _dexcom_session_stopped(fields: Properties, header: Header) -> PumpEvent:
    _, session_start = _transmitter_times(fields, header)
    return CgmSessionStopped(
        **header,
        session_start=session_start,
        session_stop=_transmitter_time(fields, header, "sessionStopTime"),
        days=fields.optional_integer("sessionDuration", 1, 90),
        reason=fields.optional_integer("sessionStopReason", 0, 254),
    )


def _libre_session_stopped(fields: Properties, header: Header) -> PumpEvent:
    return CgmSessionStopped(
        **header,
        session_start=fields.wall_clock("sessionStartTime"),
        session_stop=fields.wall_clock("sessionStopTime"),
        days=fields.optional_integer("sessionDuration", 1, 90),
        reason=fields.optional_integer("sessionStopReason", 0, 254),
    )


def _predicted_glucose(fields: Properties, header: Header) -> PumpEvent:
    glucose = fields.optional_integer("pgv", 1, 1000)
    return PredictedGlucose(
        **header, glucose=glucose if fields.flag("pgvValid") else None
    )


def _transmitter_times(
    fields: Properties, header: Header
) -> tuple[datetime | None, datetime | None]:
    now = fields.seconds("currentTransmitterTime")
    start = None if now is None else _ago(header, now)
    return start, _transmitter_time(fields, header, "sessionStartTime")


def _transmitter_time(fields: Properties, header: Header, key: str) -> datetime | None:
    now, then = fields.seconds("currentTransmitterTime"), fields.seconds(key)
    return None if now is None or then is None else _ago(header, now - then)


def _ago(header: Header, seconds: int) -> datetime | None:
    try:
        return header["pump_time"] - timedelta(seconds=seconds)
    except OverflowError:
        return None


DECODERS: dict[int, Decoder] = {
    3: _basal_rate_change,
    4: _raised(AlarmKind.ALERT, "alertId"),
    5: _raised(AlarmKind.ALARM, "alarmId"),
    6: _raised(AlarmKind.MALFUNCTION, "malfId"),
    9: _battery,
    11: _suspended,
    12: _resumed,
    13: _time_changed,
    14: _date_changed,
    16: _glucose_entered,
    20: _bolus_ended,
    21: _bolus_ended,
    26: _cleared(AlarmKind.ALERT, "alertId"),
    28: _cleared(AlarmKind.ALARM, "alarmId"),
    33: _cartridge_filled,
    34: _battery,
    35: _battery,
    55: _bolus_started,
    59: _bolus_started,
    61: _cannula_filled,
    63: _tubing_filled,
    64: _bolus_requested,
    65: _bolus_options,
    66: _bolus_amounts,
    81: _daily_basal,
    140: _predicted_glucose,
    171: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    172: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    212: _dexcom_g6_session,
    213: _dexcom_g6_session,
    214: _dexcom_session_stopped,
    229: _user_mode,
    230: _control_mode,
    256: _cgm_reading,
    279: _basal_delivery,
    280: _bolus_delivery,
    313: _daily_status,
    369: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    370: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    371: _cgm_alert_acknowledged,
    372: _cgm_reading,
    394: _dexcom_g7_session,
    399: _cgm_reading,
    404: _libre_session,
    405: _libre_session_stopped,
    406: _libre_session,
    447: _dexcom_session_stopped,
    460: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    461: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    477: _libre_session,
    480: _cgm_reading,
    486: _libre_session_stopped,
    563: _daily_status,
}
