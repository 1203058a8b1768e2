"""Events captured from real pumps, decoded."""

from datetime import datetime
import json
from pathlib import Path
from typing import Any

from custom_components.tconnectsync.tandem.decode import decode_events
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
    UserMode,
)
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BasalDelivery,
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    BolusStarted,
    CannulaFilled,
    CgmReadingLogged,
    ControlModeChanged,
    DailyStatus,
    GlucoseEntered,
    PumpEvent,
    TimeChanged,
    UserModeChanged,
)

SAMPLES: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "tandem" / "samples.json").read_text(
        "utf-8"
    )
)


def wall(time: str) -> datetime:
    """Return a time on the pump's clock on the test day, or on the named day."""
    return datetime.fromisoformat(time if "T" in time else f"2026-05-14T{time}")


def samples(title: str) -> list[PumpEvent]:
    """Return the decoded events of a captured group."""
    (events,) = (
        group["events"] for group in SAMPLES["groups"] if group["group"] == title
    )
    result = decode_events(events)
    assert not result.malformed and not result.unknown
    return result.events


def test_all_that_was_captured_is_understood() -> None:
    """Every captured event is decoded with a meaning."""
    events = [event for group in SAMPLES["groups"] for event in group["events"]]
    events += SAMPLES["misc"]["events"] + SAMPLES["misc"]["clockChanges"]
    result = decode_events(events)
    assert len(result.events) == len(events) > 30
    assert not result.malformed and not result.unknown


def test_captured_basal() -> None:
    """Rates are in mU/h, and 65535 means no rate."""
    (running,) = samples("basal run, Algorithm (Mobi, 2026-05)")
    assert running == BasalDelivery(
        code=279,
        group=0,
        number=441346,
        pump_time=wall("00:11:00"),
        source=BasalSource.ALGORITHM,
        rate=0.994,
        profile_rate=1.0,
    )
    for title, source, rate in (
        ("basal source 0 suspended", BasalSource.SUSPENDED, 0.0),
        ("basal source 1 profile", BasalSource.PROFILE, 1.0),
        ("basal source 2 temp rate", BasalSource.TEMP_RATE, 0.5),
    ):
        (event,) = samples(title)
        assert isinstance(event, BasalDelivery)
        assert (event.source, event.rate, event.profile_rate) == (source, rate, 1.0)


def test_captured_bolus_from_the_phone() -> None:
    """Carb ratio, factor and target are 0 in this bolus, which means unknown."""
    requested, options, amounts, started, delivery, ended = samples(
        "regular bolus 1868"
    )
    at_request: dict[str, Any] = {"group": 0, "pump_time": wall("2025-11-27T12:45:32")}
    at_start: dict[str, Any] = {"group": 0, "pump_time": wall("2025-11-27T12:45:47")}
    assert requested == BolusRequested(
        code=64,
        number=450238,
        **at_request,
        bolus_id=1868,
        type=BolusType.REMOTE,
        carbs=15,
        glucose=131,
        carb_ratio=None,
        insulin_on_board=0.06,
    )
    assert options == BolusOptions(
        code=65,
        number=450239,
        **at_request,
        bolus_id=1868,
        option=BolusOption.REMOTE_STANDARD,
        standard_percent=100,
        duration=0,
        correction_factor=None,
        target=None,
        override=False,
        declined_correction=False,
    )
    assert amounts == BolusAmounts(
        code=66,
        number=450240,
        **at_request,
        bolus_id=1868,
        food=2.5,
        correction=0.64,
        total=3.14,
    )
    assert started == BolusStarted(
        code=55,
        number=450247,
        **at_start,
        bolus_id=1868,
        extended=False,
        size=3.14,
        insulin_on_board=0.059,
    )
    assert delivery == BolusDelivery(
        code=280,
        number=450248,
        **at_start,
        bolus_id=1868,
        started=True,
        source=BolusSource.PHONE,
        requested_now=3.14,
        requested_later=0.0,
        correction=0.64,
        duration=0,
        delivered=0.0,
    )
    assert ended == BolusEnded(
        code=20,
        group=0,
        number=450262,
        pump_time=wall("2025-11-27T12:47:18"),
        bolus_id=1868,
        extended=False,
        completion=Completion.COMPLETED,
        delivered=3.14,
        requested=3.14,
        insulin_on_board=3.199,
    )


def test_captured_alarms_and_cgm_alerts() -> None:
    """The number alone identifies the alarm or alert; parameters differ."""
    alarms = samples("alarms: pump reset, empty cartridge")
    alerts = samples("Dexcom alerts: high, low, out of range, grace period start (31)")
    warnings = [event for event in (*alarms, *alerts) if isinstance(event, AlarmRaised)]
    assert [(event.kind, event.alarm) for event in warnings] == [
        (AlarmKind.ALARM, 3),
        (AlarmKind.ALARM, 8),
        (AlarmKind.CGM_ALERT, 2),
        (AlarmKind.CGM_ALERT, 3),
        (AlarmKind.CGM_ALERT, 14),
        (AlarmKind.CGM_ALERT, 31),
    ]


def test_captured_modes() -> None:
    """Control and activity at midnight, and control as it changes."""
    midnights = samples("daily status 313")
    assert [
        (event.control_mode, event.user_mode, event.cgm_type)
        for event in midnights
        if isinstance(event, DailyStatus)
    ] == [
        (ControlMode.CLOSED_LOOP, UserMode.SLEEP, CgmType.DEXCOM_G7),
        (ControlMode.NO_CONTROL, UserMode.SLEEP, CgmType.DEXCOM_G7),
    ]
    changes = [
        e for e in samples("PCM change 230") if isinstance(e, ControlModeChanged)
    ]
    assert [(change.previous, change.mode, change.suspended) for change in changes] == [
        (ControlMode.CLOSED_LOOP, ControlMode.NO_CONTROL, True),
        (ControlMode.NO_CONTROL, ControlMode.CLOSED_LOOP, False),
        (ControlMode.CLOSED_LOOP, ControlMode.WAITING, False),
    ]
    assert [change.cgm_available for change in changes] == [True, True, False]


def test_captured_glucose_entries_and_a_fill() -> None:
    """One glucose value was typed in, one copied from the sensor."""
    entries = samples("BG reading 16: manual, then auto-populated from CGM")
    assert [
        (event.glucose, event.from_cgm, event.insulin_on_board)
        for event in entries
        if isinstance(event, GlucoseEntered)
    ] == [(151, False, 1.181), (164, True, 1.819)]
    (fill,) = samples("cannula fill 61")
    assert isinstance(fill, CannulaFilled)
    assert (fill.primed, fill.completion) == (0.3, Completion.COMPLETED)


def test_captured_odds_and_ends() -> None:
    """A rate of zero by the algorithm, sleep ended by hand, and sensor readings."""
    zero, alarm, sleep, entry, rising, falling = decode_events(
        SAMPLES["misc"]["events"]
    ).events
    assert isinstance(zero, BasalDelivery)
    assert (zero.source, zero.rate) == (BasalSource.ALGORITHM, 0.0)
    assert isinstance(alarm, AlarmRaised)
    assert alarm.alarm == 18
    assert isinstance(sleep, UserModeChanged)
    assert (sleep.previous, sleep.mode, sleep.requested) == (
        UserMode.SLEEP,
        UserMode.NORMAL,
        2,
    )
    assert not sleep.by_schedule and not sleep.stopped_by_timer
    assert isinstance(entry, GlucoseEntered)
    assert (entry.key, entry.glucose, entry.from_cgm) == ((1, 100123), 112, None)
    assert rising == CgmReadingLogged(
        code=399,
        group=0,
        number=416999,
        pump_time=wall("2026-05-07T00:01:04"),
        read_at=wall("2026-05-07T00:01:01"),
        status=GlucoseStatus.VALUE,
        value=249,
        rate=0.8,
        signal=-59,
        algorithm_state=32,
        is_value=True,
        one_minute=False,
        backfilled=False,
    )
    assert isinstance(falling, CgmReadingLogged)
    assert (falling.value, falling.rate) == (193, -1.2)


def test_captured_clock_change() -> None:
    """The captured change is in milliseconds of the day."""
    (change,) = decode_events(SAMPLES["misc"]["clockChanges"]).events
    assert change == TimeChanged(
        code=13,
        group=0,
        number=5,
        pump_time=wall("2024-01-01T00:00:00"),
        before=0.001,
        after=0.002,
    )
