"""One valid event of every code with a meaning, and its decoded form."""

from datetime import datetime, timedelta
from typing import Any

from custom_components.tconnectsync.tandem.enums import (
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
from custom_components.tconnectsync.tandem.event_types import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    BatteryReading,
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    BolusStarted,
    CannulaFilled,
    CartridgeFilled,
    CgmReadingLogged,
    CgmSessionStarted,
    CgmSessionStep,
    CgmSessionStopped,
    ControlModeChanged,
    DailyStatus,
    DateChanged,
    DeliveryResumed,
    DeliverySuspended,
    DoseDelivered,
    DoseStarted,
    GlucoseEntered,
    GlucosePredicted,
    LogCorrupted,
    NewDay,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
    TimeChanged,
    TubingFilled,
    UserModeChanged,
)
from custom_components.tconnectsync.tandem.pump_epoch import PUMP_EPOCH

NOON = "2026-05-14T12:00:00"
NOON_SECONDS = int((datetime.fromisoformat(NOON) - PUMP_EPOCH).total_seconds())
AT_NOON: dict[str, Any] = {
    "group": 0,
    "number": 7,
    "pump_time": datetime.fromisoformat(NOON),
}


def wall(time: str) -> datetime:
    """Return a time on the pump's clock on the test day, or on the named day."""
    return datetime.fromisoformat(time if "T" in time else f"2026-05-14T{time}")


SOUND: list[tuple[int, dict[str, Any], type[PumpEvent], dict[str, Any]]] = [
    (
        3,
        {"commandedBasalRate": 0.85, "baseBasalRate": 0.9, "changeType": [2]},
        BasalRateChange,
        {"rate": 0.85, "profile_rate": 0.9, "changes": frozenset({2})},
    ),
    (
        4,
        {"alertId": 17},
        AlarmRaised,
        {"kind": AlarmKind.ALERT, "alarm": 17, "parameter": None},
    ),
    (
        5,
        {"alarmId": 2},
        AlarmRaised,
        {"kind": AlarmKind.ALARM, "alarm": 2, "parameter": None},
    ),
    (
        6,
        {"malfId": 9},
        AlarmRaised,
        {"kind": AlarmKind.MALFUNCTION, "alarm": 9, "parameter": None},
    ),
    (8, {"alarmId": 2}, AlarmAcknowledged, {"kind": AlarmKind.ALARM, "alarm": 2}),
    (
        9,
        {"abc": 61, "ibc": 100, "insulin": 118},
        BatteryReading,
        {"percent": 61, "insulin": 118, "insulin_on_board": None},
    ),
    (
        11,
        {"suspendReason": 6, "insulinAmount": 87},
        DeliverySuspended,
        {"reason": SuspendReason.LOW_GLUCOSE, "insulin": 87},
    ),
    (12, {"insulinAmount": 0}, DeliveryResumed, {"insulin": 0}),
    (
        13,
        {"timePrior": 7_200_000, "timeAfter": 10_800_500},
        TimeChanged,
        {"before": 7200.0, "after": 10800.5},
    ),
    (
        14,
        {"datePrior": 6700, "dateAfter": 6701},
        DateChanged,
        {"before": 6700, "after": 6701},
    ),
    (
        16,
        {"bg": 151, "bgEntryType": 1, "iob": 1.5},
        GlucoseEntered,
        {"glucose": 151, "from_cgm": True, "insulin_on_board": 1.5},
    ),
    (
        20,
        {
            "bolusId": 5,
            "completionStatus": 0,
            "insulinDelivered": 1.25,
            "insulinRequested": 2,
        },
        BolusEnded,
        {
            "bolus_id": 5,
            "extended": False,
            "completion": Completion.USER_ABORTED,
            "delivered": 1.25,
            "requested": 2.0,
            "insulin_on_board": None,
        },
    ),
    (
        21,
        {"bolusId": 5, "completionStatus": 6, "insulinDelivered": 0, "iob": 0.25},
        BolusEnded,
        {
            "bolus_id": 5,
            "extended": True,
            "completion": Completion.LOW_GLUCOSE_SUSPEND,
            "delivered": 0.0,
            "requested": None,
            "insulin_on_board": 0.25,
        },
    ),
    (26, {"alertId": 17}, AlarmCleared, {"kind": AlarmKind.ALERT, "alarm": 17}),
    (27, {"alertId": 17}, AlarmAcknowledged, {"kind": AlarmKind.ALERT, "alarm": 17}),
    (28, {"alarmId": 2}, AlarmCleared, {"kind": AlarmKind.ALARM, "alarm": 2}),
    (33, {"insulinVolume": 240, "v2Volume": 0}, CartridgeFilled, {"filled": 240.0}),
    (
        34,
        {"abc": 60},
        BatteryReading,
        {"percent": 60, "insulin": None, "insulin_on_board": None},
    ),
    (
        35,
        {"abc": 0},
        BatteryReading,
        {"percent": 0, "insulin": None, "insulin_on_board": None},
    ),
    (53, {"msecSinceReset": 7, "liPoAbc": 0}, ShelfModeEntered, {}),
    (
        55,
        {"bolusId": 5, "bolusSize": 2, "iob": 0.5},
        BolusStarted,
        {"bolus_id": 5, "extended": False, "size": 2.0, "insulin_on_board": 0.5},
    ),
    (
        59,
        {"bolusId": 5, "bolexSize": 1.5, "iob": 0.5},
        BolusStarted,
        {"bolus_id": 5, "extended": True, "size": 1.5, "insulin_on_board": 0.5},
    ),
    (60, {"block": 3, "reason": 1}, LogCorrupted, {}),
    (
        61,
        {"primeSize": 0.3, "completionStatus": 3},
        CannulaFilled,
        {"primed": 0.3, "completion": Completion.COMPLETED},
    ),
    (
        63,
        {"primeSize": 14.5, "completionStatus": 1},
        TubingFilled,
        {"primed": 14.5, "completion": Completion.ALARM},
    ),
    (
        64,
        {
            "bolusId": 5,
            "bolusType": 1,
            "carbAmount": 45,
            "bg": 180,
            "carbRatio": 8500,
            "iob": 0,
        },
        BolusRequested,
        {
            "bolus_id": 5,
            "type": BolusType.CARBS,
            "carbs": 45,
            "glucose": 180,
            "carb_ratio": 8.5,
            "insulin_on_board": 0.0,
        },
    ),
    (
        65,
        {
            "bolusId": 5,
            "options": 1,
            "standardPercent": 60,
            "duration": 120,
            "isf": 40,
            "targetBg": 110,
            "userOverride": 1,
            "declinedCorrection": 1,
        },
        BolusOptions,
        {
            "bolus_id": 5,
            "option": BolusOption.EXTENDED,
            "standard_percent": 60,
            "duration": 120,
            "correction_factor": 40,
            "target": 110,
            "override": True,
            "declined_correction": True,
        },
    ),
    (
        66,
        {
            "bolusId": 5,
            "foodBolusSize": 5.3,
            "correctionBolusSize": -0.3,
            "totalBolusSize": 5,
        },
        BolusAmounts,
        {"bolus_id": 5, "food": 5.3, "correction": -0.3, "total": 5.0},
    ),
    (
        81,
        {"batteryChargePercent": 55, "batteryLipoMilliVolts": 3900, "iob": 2},
        BatteryReading,
        {"percent": 55, "insulin": None, "insulin_on_board": 2.0},
    ),
    (90, {"commandedBasalRate": 0.85}, NewDay, {"rate": 0.85}),
    (99, {"version": 1, "numLogEntries": 1}, PumpRestarted, {}),
    (140, {"pgv": 83, "pgvValid": 1}, GlucosePredicted, {"glucose": 83}),
    (
        171,
        {"dalertId": 14, "param1": 35},
        AlarmRaised,
        {"kind": AlarmKind.CGM_ALERT, "alarm": 14, "parameter": 35},
    ),
    (172, {"dalertId": 14}, AlarmCleared, {"kind": AlarmKind.CGM_ALERT, "alarm": 14}),
    (
        212,
        {
            "currentTransmitterTime": 864_000,
            "sessionStartTime": 777_600,
            "sessionDuration": 10,
        },
        CgmSessionStarted,
        {
            "joined": False,
            "session_start": wall("2026-05-13T12:00:00"),
            "lasts": timedelta(days=10),
            "transmitter_start": wall("2026-05-04T12:00:00"),
        },
    ),
    (
        213,
        {"currentTransmitterTime": 3600, "sessionStartTime": 0, "sessionDuration": 10},
        CgmSessionStarted,
        {
            "joined": True,
            "session_start": wall("11:00:00"),
            "lasts": timedelta(days=10),
            "transmitter_start": wall("11:00:00"),
        },
    ),
    (
        214,
        {
            "currentTransmitterTime": 864_000,
            "sessionStartTime": 0,
            "sessionStopTime": 860_400,
            "sessionDuration": 10,
            "sessionStopReason": 5,
        },
        CgmSessionStopped,
        {
            "session_start": wall("2026-05-04T12:00:00"),
            "session_stop": wall("11:00:00"),
            "lasts": timedelta(days=10),
            "reason": 5,
            "transmitter_start": wall("2026-05-04T12:00:00"),
        },
    ),
    (
        229,
        {
            "currentUserMode": 2,
            "previousUserMode": 0,
            "requestedAction": 3,
            "exerciseChoice": 1,
            "exerciseTime": 45,
        },
        UserModeChanged,
        {
            "mode": UserMode.EXERCISE,
            "previous": UserMode.NORMAL,
            "requested": 3,
            "timed_minutes": 45,
            "by_schedule": False,
            "stopped_by_timer": False,
        },
    ),
    (
        230,
        {
            "currentPcm": 1,
            "previousPcm": 3,
            "cgmAvailable": 1,
            "closedLoopPreferred": 0,
        },
        ControlModeChanged,
        {
            "mode": ControlMode.OPEN_LOOP,
            "previous": ControlMode.CLOSED_LOOP,
            "suspended": False,
            "cgm_available": True,
            "closed_loop_preferred": False,
        },
    ),
    *(
        (
            code,
            {
                "glucoseValueStatus": 1,
                "cgmDataType": [1],
                "rate": 127,
                "rssi": 127,
                "algorithmState": 255,
                "currentGlucoseDisplayValue": 612,
                "egvTimeStamp": NOON_SECONDS - 600,
            },
            CgmReadingLogged,
            {
                "read_at": wall("11:50:00"),
                "status": GlucoseStatus.HIGH,
                "value": 612,
                "rate": None,
                "signal": None,
                "algorithm_state": None,
                "is_value": True,
                "one_minute": False,
                "backfilled": True,
            },
        )
        for code in (256, 372, 399, 480)
    ),
    (
        279,
        {"commandedRateSource": 4, "commandedRate": 1250, "profileBasalRate": 65535},
        BasalDelivery,
        {
            "source": BasalSource.TEMP_RATE_AND_ALGORITHM,
            "rate": 1.25,
            "profile_rate": None,
        },
    ),
    (
        280,
        {
            "bolusId": 5,
            "bolusDeliveryStatus": 0,
            "bolusSource": 7,
            "requestedNow": 1000,
            "requestedLater": 500,
            "correction": 1500,
            "extendedDurationRequested": 60,
            "deliveredTotal": 1499,
        },
        BolusDelivery,
        {
            "bolus_id": 5,
            "started": False,
            "source": BolusSource.ALGORITHM,
            "requested_now": 1.0,
            "requested_later": 0.5,
            "correction": 1.5,
            "duration": 60,
            "delivered": 1.499,
        },
    ),
    (
        313,
        {"pumpControlState": 2, "usermode": 3, "sensorType": 4},
        DailyStatus,
        {
            "control_mode": ControlMode.WAITING,
            "user_mode": UserMode.EATING_SOON,
            "cgm_type": CgmType.LIBRE_3,
        },
    ),
    (
        369,
        {"dalertId": 2, "sensorType": 3},
        AlarmRaised,
        {"kind": AlarmKind.CGM_ALERT, "alarm": 2, "parameter": None},
    ),
    (
        370,
        {"dalertId": 2, "sensorType": 3},
        AlarmCleared,
        {"kind": AlarmKind.CGM_ALERT, "alarm": 2},
    ),
    (
        371,
        {"dalertId": 2, "ackSource": 0},
        AlarmAcknowledged,
        {"kind": AlarmKind.CGM_ALERT, "alarm": 2},
    ),
    (
        394,
        {"cgmTimestamp": 86_400, "sessionSignature": 1},
        CgmSessionStarted,
        {
            "joined": True,
            "session_start": wall("2026-05-13T12:00:00"),
            "lasts": None,
            "transmitter_start": None,
        },
    ),
    *(
        (
            code,
            {"sessionStartTime": NOON_SECONDS - 3600, "sessionDuration": 14},
            CgmSessionStarted,
            {
                "joined": joined,
                "session_start": wall("11:00:00"),
                "lasts": timedelta(days=14),
                "transmitter_start": None,
            },
        )
        for code, joined in ((404, False), (406, True), (477, True))
    ),
    *(
        (
            code,
            {
                "sessionStartTime": NOON_SECONDS - 86_400,
                "sessionStopTime": NOON_SECONDS,
                "sessionDuration": 14,
                "sessionStopReason": 0,
            },
            CgmSessionStopped,
            {
                "session_start": wall("2026-05-13T12:00:00"),
                "session_stop": wall("12:00:00"),
                "lasts": timedelta(days=14),
                "reason": 0,
                "transmitter_start": None,
            },
        )
        for code in (405, 486)
    ),
    (
        447,
        {
            "currentTransmitterTime": 86_400,
            "sessionStartTime": 0,
            "sessionStopTime": 4294967295,
        },
        CgmSessionStopped,
        {
            "session_start": wall("2026-05-13T12:00:00"),
            "session_stop": None,
            "lasts": None,
            "reason": None,
            "transmitter_start": None,
        },
    ),
    (
        460,
        {"dalertId": 1, "sensorType": 2},
        AlarmRaised,
        {"kind": AlarmKind.CGM_ALERT, "alarm": 1, "parameter": None},
    ),
    (
        461,
        {"dalertId": 1, "sensorType": 2},
        AlarmCleared,
        {"kind": AlarmKind.CGM_ALERT, "alarm": 1},
    ),
    (
        563,
        {"pumpControlState": 3, "sensorType": 0},
        DailyStatus,
        {
            "control_mode": ControlMode.CLOSED_LOOP,
            "user_mode": None,
            "cgm_type": CgmType.NONE,
        },
    ),
    *(
        (code, {}, CgmSessionStep, {"cgm_type": None})
        for code in (367, 390, 395, 441, 443)
    ),
    (368, {"sensorType": 3}, CgmSessionStep, {"cgm_type": CgmType.DEXCOM_G7}),
    (
        558,
        {
            "doseId": 7,
            "doseSource": 3,
            "syncDoseSizeRequested": 0.1,
            "currentBasalRate": 1200,
            "profileBasalRate": 1000,
            "activeInsulin": 2.25,
        },
        DoseStarted,
        {"dose_id": 7, "profile_rate": 1.0},
    ),
    (
        559,
        {
            "doseId": 7,
            "doseSource": 3,
            "syncDoseSizeDelivered": 0.0987654,
            "currentBasalRate": 1200,
            "activeInsulin": 2.3,
        },
        DoseDelivered,
        {
            "dose_id": 7,
            "source": BasalSource.ALGORITHM,
            "delivered": 0.098765,
            "insulin_on_board": 2.3,
        },
    ),
]
