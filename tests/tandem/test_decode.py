"""Decoding events: each code as the pump logs it, and unset, missing or absurd fields."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.tandem.alarm_names import (
    NO_NUMBER,
    slug,
    slugs,
    words,
)
from custom_components.tconnectsync.tandem.decode import (
    DECODERS,
    alarms,
    basal,
    battery,
    bolus,
    clock_changes,
    decode_events,
    glucose,
    modes,
    read_header,
    sessions,
    site,
)
from custom_components.tconnectsync.tandem.enums import (
    AlarmKind,
    BasalSource,
    BolusType,
    UserMode,
)
from custom_components.tconnectsync.tandem.event_types import (
    AlarmRaised,
    BasalDelivery,
    BasalRateChange,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    CartridgeFilled,
    CgmReadingLogged,
    CgmSessionStarted,
    CgmSessionStopped,
    ControlModeChanged,
    DailyStatus,
    DeliveryResumed,
    DeliverySuspended,
    GlucoseEntered,
    GlucosePredicted,
    LogCorrupted,
    PumpEvent,
    PumpRestarted,
    RawEvent,
    ShelfModeEntered,
    TubingFilled,
    UserModeChanged,
)

from .sound_events import AT_NOON, NOON, NOON_SECONDS, SOUND, wall

BESIDE: RawEvent = {
    "eventCode": 12,
    "sequenceGroup": 0,
    "sequenceNumber": 8,
    "pumpDateTime": NOON,
    "eventProperties": {"insulinAmount": 120},
}
"""A valid event that must be decoded beside any other."""


def raw(code: int, properties: Any) -> RawEvent:
    """Return a raw event at noon."""
    return {
        "deviceAssignmentId": "4ff6bebc-d4d6-4423-b123-eecfcf5a4238",
        "eventCode": code,
        "sequenceGroup": 0,
        "sequenceNumber": 7,
        "pumpDateTime": NOON,
        "eventProperties": properties,
        "estimatedDateTime": f"{NOON}Z",
    }


def decoded(code: int, **properties: Any) -> PumpEvent:
    """Return the decoded form of a valid event."""
    result = decode_events([raw(code, properties)])
    assert not result.malformed and not result.unknown
    return result.events[0]


def is_refused(code: int, properties: Any) -> bool:
    """Return whether an event counts as malformed, stays in the list without a meaning, and affects no neighbour."""
    result = decode_events([raw(code, properties), BESIDE])
    bare = PumpEvent(code=code, **AT_NOON)
    beside = DeliveryResumed(
        code=12, group=0, number=8, pump_time=wall("12:00:00"), insulin=120
    )
    assert result.events[1] == beside
    return result.events[0] == bare and result.malformed == Counter([code])


@pytest.mark.parametrize(("code", "properties", "kind", "expected"), SOUND)
def test_each_code(
    code: int,
    properties: dict[str, Any],
    kind: type[PumpEvent],
    expected: dict[str, Any],
) -> None:
    """Every code with a meaning is decoded, in the units of its event."""
    assert decoded(code, **properties) == kind(code=code, **AT_NOON, **expected)


def test_every_decoder_is_described_above() -> None:
    """Every decoder has an example, and no code has two decoders."""
    assert {code for code, *_ in SOUND} == set(DECODERS)
    modules = (
        alarms,
        basal,
        battery,
        bolus,
        clock_changes,
        glucose,
        modes,
        sessions,
        site,
    )
    assert sum(len(module.DECODERS) for module in modules) == len(DECODERS)


# Unset, missing and absurd fields.

ABSURD: list[Any] = [
    None,
    "12",
    [],
    {},
    True,
    -1,
    4294967295,
    1e9,
    float("nan"),
    10**400,
]


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (3, "commandedBasalRate"),
        (8, "alarmId"),
        (9, "abc"),
        (13, "timePrior"),
        (13, "timeAfter"),
        (14, "datePrior"),
        (14, "dateAfter"),
        (20, "bolusId"),
        (20, "insulinDelivered"),
        (21, "insulinDelivered"),
        (26, "alertId"),
        (27, "alertId"),
        (28, "alarmId"),
        (55, "bolusId"),
        (59, "bolusId"),
        (64, "bolusId"),
        (64, "carbAmount"),
        (65, "bolusId"),
        (66, "totalBolusSize"),
        (81, "batteryChargePercent"),
        (256, "egvTimeStamp"),
        (279, "commandedRateSource"),
        (279, "commandedRate"),
        (280, "bolusId"),
        (280, "bolusDeliveryStatus"),
        (371, "dalertId"),
        (399, "glucoseValueStatus"),
        (399, "currentGlucoseDisplayValue"),
        (399, "egvTimeStamp"),
        (558, "doseId"),
        (559, "doseId"),
        (559, "doseSource"),
        (559, "syncDoseSizeDelivered"),
    ],
)
def test_an_event_is_refused_without_what_it_is_about(code: int, key: str) -> None:
    """An event without its main field is counted as malformed and stays in the list; its neighbour is unaffected."""
    sound = next(properties for known, properties, *_ in SOUND if known == code)
    assert is_refused(
        code, {name: value for name, value in sound.items() if name != key}
    )
    for absurd in ABSURD:
        assert is_refused(code, {**sound, key: absurd}), absurd


@pytest.mark.parametrize("unknown", [*ABSURD, 4, 200, 255])
def test_a_mode_that_is_not_known_ends_the_one_before(unknown: object) -> None:
    """An unknown mode replaces the previous one as unknown; at midnight an unset mode means nothing."""
    activity = decoded(229, currentUserMode=unknown, previousUserMode=1)
    assert isinstance(activity, UserModeChanged)
    assert (activity.mode, activity.previous) == (None, UserMode.SLEEP)
    control = decoded(230, currentPcm=unknown, previousPcm=3, closedLoopPreferred=1)
    assert isinstance(control, ControlModeChanged)
    assert (control.mode, control.closed_loop_preferred) == (None, True)
    midnight = decoded(313, pumpControlState=unknown, usermode=unknown)
    assert isinstance(midnight, DailyStatus)
    assert (midnight.control_mode, midnight.user_mode) == (None, None)
    is_one = unknown in (4, 200)
    assert midnight.unknown_control_mode is is_one
    assert midnight.unknown_user_mode is is_one


@pytest.mark.parametrize(
    ("code", "key", "kind"),
    [
        (4, "alertId", AlarmKind.ALERT),
        (5, "alarmId", AlarmKind.ALARM),
        (6, "malfId", AlarmKind.MALFUNCTION),
        (171, "dalertId", AlarmKind.CGM_ALERT),
        (369, "dalertId", AlarmKind.CGM_ALERT),
        (460, "dalertId", AlarmKind.CGM_ALERT),
    ],
)
def test_what_was_raised_is_raised_without_its_number(
    code: int, key: str, kind: AlarmKind
) -> None:
    """The alarm is raised without its number, because somebody has to look at the pump; the malformed event is counted."""
    expected = AlarmRaised(
        code=code, **AT_NOON, kind=kind, alarm=NO_NUMBER, parameter=None
    )
    unread: list[Any] = [None, {}, [], *({key: absurd} for absurd in ABSURD)]
    for properties in unread:
        result = decode_events([raw(code, properties)])
        assert result.events == [expected]
        assert result.malformed == Counter([code])
    assert slug(kind, NO_NUMBER) in slugs(kind)
    assert "unknown number" in words(kind, NO_NUMBER)


@pytest.mark.parametrize(
    ("code", "kind"), [(53, ShelfModeEntered), (60, LogCorrupted), (99, PumpRestarted)]
)
@pytest.mark.parametrize("properties", [None, [], "", 0, [1]])
def test_what_the_code_alone_tells_needs_no_fields(
    code: int, kind: type[PumpEvent], properties: Any
) -> None:
    """The code alone says that the pump is off or lost part of its log; the malformed event is counted."""
    result = decode_events([raw(code, properties)])
    assert result.events == [kind(code=code, **AT_NOON)]
    assert result.malformed == Counter([code])


@pytest.mark.parametrize("properties", [None, [], "", 0, [1]])
def test_an_event_without_fields_is_refused(properties: Any) -> None:
    """An event without fields is refused, even if its code needs none."""
    assert is_refused(11, properties)


@pytest.mark.parametrize("unset", [None, 255, 65535, 4294967295, -1, "x", [], True])
def test_an_event_may_lack_the_rest(unset: Any) -> None:
    """Other fields are None if unset, absurd or missing."""
    assert decoded(11, suspendReason=unset, insulinAmount=unset) == DeliverySuspended(
        code=11, **AT_NOON, reason=None, insulin=255 if unset == 255 else None
    )
    assert decoded(
        33, insulinVolume=unset if unset != 255 else -1, v2Volume=-1
    ) == CartridgeFilled(code=33, **AT_NOON, filled=None)
    assert decoded(63, primeSize=-1, completionStatus=unset) == TubingFilled(
        code=63, **AT_NOON, primed=None, completion=None
    )
    assert decoded(
        313, pumpControlState=unset, usermode=unset, sensorType=unset
    ) == DailyStatus(
        code=313, **AT_NOON, control_mode=None, user_mode=None, cgm_type=None
    )
    options = decoded(
        65, bolusId=5, options=unset, standardPercent=unset, userOverride=unset
    )
    assert isinstance(options, BolusOptions)
    assert (options.option, options.standard_percent, options.duration) == (
        None,
        None,
        0,
    )
    assert options.override is (unset is True)


def test_a_glucose_of_zero_was_not_entered() -> None:
    """A glucose value of zero or an unset one was not entered."""
    for unset in (0, 65535, -5, None):
        entry = decoded(16, bg=unset, iob=0.5)
        assert isinstance(entry, GlucoseEntered)
        assert (entry.glucose, entry.insulin_on_board) == (None, 0.5)


def test_unset_carbs_are_none() -> None:
    """A bolus with unset carbs keeps its kind; impossible carbs are refused."""
    requested = decoded(64, bolusId=5, bolusType=2, carbAmount=65535)
    assert isinstance(requested, BolusRequested)
    assert (requested.type, requested.carbs) == (BolusType.AUTOMATIC, 0)
    assert is_refused(64, {"bolusId": 5, "bolusType": 2, "carbAmount": 1001})


def test_a_member_that_is_new_keeps_the_rest_of_the_event() -> None:
    """A new reason or source is None and the rest is read; a rate or reading of a new source is refused."""
    ended = decoded(20, bolusId=5, completionStatus=8, insulinDelivered=1)
    assert isinstance(ended, BolusEnded)
    assert (ended.completion, ended.delivered) == (None, 1.0)
    delivery = decoded(280, bolusId=5, bolusDeliveryStatus=1, bolusSource=6)
    assert isinstance(delivery, BolusDelivery)
    assert (delivery.source, delivery.requested_now) == (None, None)
    assert is_refused(279, {"commandedRateSource": 5, "commandedRate": 1000})
    assert is_refused(399, {**reading(), "glucoseValueStatus": 3})


@pytest.mark.parametrize("rate", [None, -1, 65535, float("nan")])
def test_what_stops_delivery_needs_no_rate(rate: float | None) -> None:
    """While suspended or shut down the pump delivers nothing, even if the event names a rate."""
    suspended = decoded(279, commandedRateSource=0, commandedRate=rate)
    assert isinstance(suspended, BasalDelivery)
    assert (suspended.source, suspended.rate) == (BasalSource.SUSPENDED, 0.0)
    for bit in (4, 6):
        stopped = decoded(3, commandedBasalRate=rate, changeType=[bit])
        assert isinstance(stopped, BasalRateChange)
        assert (stopped.changes, stopped.rate) == (frozenset({bit}), 0.0)
    assert is_refused(3, {"commandedBasalRate": rate, "changeType": [5]})


def test_a_cartridge_tells_its_volume_in_either_of_two_fields() -> None:
    """The volume is read from whichever field is above zero."""
    for volumes, filled in (
        ({"insulinVolume": 0, "v2Volume": 180.5}, 180.5),
        ({"insulinVolume": 200}, 200.0),
        ({"insulinVolume": 4294967295, "v2Volume": 175}, 175.0),
        ({"insulinVolume": 0, "v2Volume": 0}, None),
    ):
        assert decoded(33, **volumes) == CartridgeFilled(
            code=33, **AT_NOON, filled=filled
        )


def test_sleep_by_schedule_or_by_hand() -> None:
    """A sleep schedule is active in either case; a separate field names who started sleep."""
    for by_hand, schedule, by_schedule in (
        (0, [1], True),
        (1, [1], False),
        (0, [], False),
    ):
        mode = decoded(
            229,
            currentUserMode=1,
            sleepStartedByGui=by_hand,
            activeSleepSchedule=schedule,
        )
        assert isinstance(mode, UserModeChanged)
        assert mode.by_schedule is by_schedule


def test_exercise_without_a_timer_has_no_length() -> None:
    """The time field may still contain the duration of the last exercise."""
    for choice, minutes, timed in (
        (0, 45, None),
        (1, 0, None),
        (1, 65535, None),
        (1, 60, 60),
    ):
        mode = decoded(
            229, currentUserMode=2, exerciseChoice=choice, exerciseTime=minutes
        )
        assert isinstance(mode, UserModeChanged)
        assert mode.timed_minutes == timed


@pytest.mark.parametrize(
    "timer", ["exerciseStoppedByTimer", "eatingSoonStoppedByTimer"]
)
def test_modes_that_end_by_themselves(timer: str) -> None:
    """Timed exercise and eating soon end without an event."""
    mode = decoded(229, currentUserMode=0, **{timer: 1})
    assert isinstance(mode, UserModeChanged)
    assert mode.stopped_by_timer


def test_a_prediction_that_is_not_valid_is_none() -> None:
    """An invalid or unset prediction is None."""
    for properties in ({"pgv": 83, "pgvValid": 0}, {"pgv": 0, "pgvValid": 1}, {}):
        assert decoded(140, **properties) == GlucosePredicted(
            code=140, **AT_NOON, glucose=None
        )


# Sensor readings and sessions.


def reading(**changed: Any) -> dict[str, Any]:
    """Return the fields of a valid G7 reading, with some changed."""
    return {
        "glucoseValueStatus": 0,
        "cgmDataType": [0],
        "rate": 5,
        "algorithmState": 32,
        "rssi": -60,
        "currentGlucoseDisplayValue": 120,
        "egvTimeStamp": NOON_SECONDS - 3,
        **changed,
    }


@pytest.mark.parametrize(
    ("tenths", "read"),
    [(-100, -10.0), (100, 10.0), (0, 0.0), (101, None), (-128, None), (None, None)],
)
def test_a_rate_is_logged_in_tenths(tenths: int | None, read: float | None) -> None:
    """Rates are logged in tenths; beyond 10 mg/dL per minute they are unknown."""
    event = decoded(399, **reading(rate=tenths))
    assert isinstance(event, CgmReadingLogged)
    assert event.rate == read


def test_an_unset_glucose_value_is_no_value() -> None:
    """65535 would otherwise count as a high value."""
    event = decoded(399, **reading(currentGlucoseDisplayValue=65535))
    assert isinstance(event, CgmReadingLogged)
    assert event.value == 0


@pytest.mark.parametrize(
    ("seconds_ago", "sound"),
    [
        (0, True),
        (14 * 86_400, True),
        (16 * 86_400, False),
        (-3600, True),
        (-2 * 86_400, False),
    ],
)
def test_a_reading_is_from_the_time_a_sensor_is_worn(
    seconds_ago: int, sound: bool
) -> None:
    """A back-filled reading is days old at most; a moved clock explains some hours in the future."""
    fields = reading(egvTimeStamp=NOON_SECONDS - seconds_ago)
    assert is_refused(399, fields) is not sound


@pytest.mark.parametrize(
    ("code", "properties"),
    [
        (212, {"currentTransmitterTime": 100, "sessionStartTime": 200}),
        (213, {"currentTransmitterTime": 4294967295, "sessionStartTime": 100}),
        (213, {"currentTransmitterTime": 4294967294, "sessionStartTime": 0}),
        (394, {"cgmTimestamp": 4294967295}),
        (394, {"cgmTimestamp": 4294967294}),
        (404, {"sessionStartTime": 4294967295}),
        (406, {"sessionStartTime": 0}),
        (477, {"sessionStartTime": NOON_SECONDS + 60}),
        (477, {"sessionStartTime": 1}),
    ],
)
def test_a_session_cannot_begin_just_anytime(
    code: int, properties: dict[str, Any]
) -> None:
    """The start is refused if it is unset, after its own event, or before such sensors existed."""
    session = decoded(code, **properties)
    assert isinstance(session, CgmSessionStarted)
    assert session.session_start is None


@pytest.mark.parametrize("code", [404, 405, 406, 477, 486])
@pytest.mark.parametrize("epoch", ["1970-01-01", "2008-01-01"])
def test_a_libre_counts_from_either_year(code: int, epoch: str) -> None:
    """Libre 3 counts from 1970, Libre 2 from 2008; a count is plausible from only one of them."""
    began = wall("2026-05-10T09:15:30")
    seconds = int((began - datetime.fromisoformat(epoch)).total_seconds())
    session = decoded(code, sessionStartTime=seconds)
    assert isinstance(session, CgmSessionStarted | CgmSessionStopped)
    assert session.session_start == began


def test_a_libre_3_that_was_captured() -> None:
    """The session started nine seconds before its own event, and its duration is exact to the second."""
    event = raw(
        477,
        {
            "sessionStartTime": 1773077953,
            "sessionDuration": 14,
            "sessionDurationSecs": 1296000,
        },
    ) | {"pumpDateTime": "2026-03-09T17:39:22"}
    [session] = decode_events([event]).events
    assert isinstance(session, CgmSessionStarted)
    assert session.session_start == wall("2026-03-09T17:39:13")
    assert session.lasts == timedelta(days=15)


@pytest.mark.parametrize("code", [214, 405, 447, 486])
@pytest.mark.parametrize("unset", [0, 4294967295, None])
def test_a_stop_time_that_is_not_logged(code: int, unset: int | None) -> None:
    """Zero is not a time at which a session could end."""
    stopped = decoded(
        code,
        currentTransmitterTime=770_400,
        sessionStartTime=4294967295,
        sessionStopTime=unset,
    )
    assert isinstance(stopped, CgmSessionStopped)
    assert stopped.session_stop is None
    started = wall(NOON) - timedelta(seconds=770_400)
    assert stopped.session_start == (started if code == 447 else None)


@pytest.mark.parametrize(
    ("status", "info", "value"),
    [
        (0, None, True),
        (0, [], True),
        (0, 65535, True),
        (0, [0, 5, 6, 7, 8, 11, 12], True),
        (0, [0, 5, 6, 7], True),
        (0, [0, 5, 7, 8], False),
        (0, [0, 5, 6, 8], False),
        (0, [0, 6, 7, 8], False),
        (0, [4, 5, 6, 7], False),
        (1, [0, 5, 7, 8], True),
        (2, [0, 5, 7, 8], True),
        (2, [0, 4, 5], False),
    ],
)
def test_what_the_pump_calls_a_value(status: int, info: Any, value: bool) -> None:
    """The pump's validity of time, range and state is decoded; values below and above the sensor's range are kept."""
    event = decoded(399, **reading(glucoseValueStatus=status, egvInfoBitmask=info))
    assert isinstance(event, CgmReadingLogged)
    assert event.is_value is value


# Headers.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("eventCode", None),
        ("eventCode", "279"),
        ("eventCode", True),
        ("eventCode", -1),
        ("sequenceGroup", None),
        ("sequenceGroup", False),
        ("sequenceGroup", -1),
        ("sequenceNumber", 1.5),
        ("sequenceNumber", [7]),
        ("sequenceNumber", -7),
        ("pumpDateTime", None),
        ("pumpDateTime", ""),
        ("pumpDateTime", 20260514),
        ("pumpDateTime", "noon"),
        ("pumpDateTime", "2026-02-30T00:00:00"),
        ("pumpDateTime", "1999-12-31T23:59:59"),
        ("pumpDateTime", "2100-01-01T00:00:00"),
        ("pumpDateTime", ["2026-05-14T12:00:00"]),
    ],
)
def test_an_event_without_place_or_time_is_dropped(key: str, value: Any) -> None:
    """The event is counted as code 0, and the next one is decoded."""
    for broken in (
        raw(12, {}) | {key: value},
        {k: v for k, v in raw(12, {}).items() if k != key},
    ):
        assert read_header(broken) is None
        result = decode_events([broken, BESIDE])
        assert result.malformed == Counter([0])
        assert [event.number for event in result.events] == [8]


@pytest.mark.parametrize("time", [NOON, f"{NOON}Z", f"{NOON}.000", f"{NOON}+02:00"])
def test_the_digits_of_the_pump_clock_stand_alone(time: str) -> None:
    """A time zone after the digits is ignored, because the pump has none."""
    assert read_header(raw(12, {}) | {"pumpDateTime": time}) == {
        "code": 12,
        "group": 0,
        "number": 7,
        "pump_time": wall("12:00:00"),
    }


def test_codes_without_a_meaning_are_counted_and_kept() -> None:
    """Events of unknown codes at least show that the pump was running."""
    result = decode_events(
        [raw(1, {}), raw(2, None), raw(1, {"x": 1}), raw(99_999, {})]
    )
    assert result.unknown == Counter({1: 2, 2: 1, 99_999: 1})
    assert not result.malformed
    assert [type(event) for event in result.events] == [PumpEvent] * 4


# Any input.

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
numbers = st.sampled_from(
    [-1, 0, 1, 2, 3, 6, 100, 255, 65535, 4294967294, 4294967295, 10**400, 0.5]
)


@given(st.data())
def test_nothing_a_field_holds_is_ever_raised(data: st.DataObject) -> None:
    """With any fields an event is decoded or counted in its place, and its neighbours are unaffected."""
    code, sound, *_ = data.draw(st.sampled_from(SOUND))
    fields = {
        key: data.draw(anything | numbers | st.just(value))
        for key, value in sound.items()
    }
    result = decode_events([BESIDE, raw(code, fields), BESIDE])
    (neighbour,) = decode_events([BESIDE]).events
    before, event, after = result.events
    assert (before, after) == (neighbour, neighbour)
    assert (event.code, event.key) == (code, (0, 7))
    unread = isinstance(event, AlarmRaised) and event.alarm == NO_NUMBER
    assert result.malformed.total() == (type(event) is PumpEvent or unread)


@given(st.dictionaries(st.sampled_from(list(BESIDE)), anything))
def test_nothing_an_event_holds_is_ever_raised(event: dict[str, Any]) -> None:
    """Any value in the place of an event is handled without an error."""
    result = decode_events([event, BESIDE])
    assert result.events[-1].key == (0, 8)
    assert len(result.events) + result.malformed[0] == 2
