"""CGM sensors used one after the other, logged in any of the ways of real pumps."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import assume, given, strategies as st

from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.running_session import running_session

from .pump_days import PumpDay, at

BEGIN = at("00:00:00", "2026-05-02")
UNSET = 0xFFFFFFFF
SINCE_2008 = int(datetime.fromisoformat("2008-01-01T00:00:00+00:00").timestamp())
SECOND = timedelta(seconds=1)

type Properties = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorLife:
    """One sensor: its start, join and end, and the way in which the pump logs it."""

    kind: str
    start: datetime
    joined: datetime
    ended: datetime
    stop_logged: bool
    start_logged: bool
    transmitter: int
    """Age of a G6 transmitter in seconds at the start of the session."""

    def join(self) -> tuple[int, Properties]:
        """Return the event with which the pump joins the sensor."""
        age = int((self.joined - self.start).total_seconds())
        started, joined = int(self.start.timestamp()), int(self.joined.timestamp())
        match self.kind:
            case "g6":
                return 213, {
                    "currentTransmitterTime": self.transmitter + age,
                    "sessionStartTime": self.transmitter,
                    "sessionDuration": 10,
                    "sessionJoinReason": 8,
                }
            case "g7":
                return 394, {"cgmTimestamp": age, "sessionSignature": 117}
            case "libre2":
                return 406, {
                    "sessionStartTime": started - SINCE_2008,
                    "sessionJoinTime": joined - SINCE_2008,
                    "sessionDuration": 14,
                    "sessionJoinReason": 9,
                }
            case _:
                return 477, {
                    "sessionStartTime": started,
                    "sessionJoinTime": joined,
                    "sessionDuration": 15,
                    "sessionJoinReason": 9,
                }

    def end(self) -> tuple[int, Properties]:
        """Return the event with which the session ends; a stop time of 0 means none."""
        age = int((self.ended - self.start).total_seconds())
        code = {"g6": 214, "g7": 447, "libre2": 405, "libre3": 486}[self.kind]
        now, start = age, 0
        if self.kind == "g6":
            now, start = self.transmitter + age, self.transmitter
        elif self.kind.startswith("libre"):
            epoch = SINCE_2008 if self.kind == "libre2" else 0
            now = int(self.ended.timestamp()) - epoch
            start = int(self.start.timestamp()) - epoch
        return code, {
            "currentTransmitterTime": now,
            "sessionStartTime": start if self.start_logged else UNSET,
            "sessionStopTime": now if self.stop_logged else 0,
            "sessionDuration": 10,
            "sessionStopReason": 15,
        }


def some_sensors(chance: Random) -> list[SensorLife]:
    """Return some sensors that do not overlap."""
    sensors, now = [], BEGIN
    for _ in range(chance.randrange(1, 6)):
        start = now + timedelta(seconds=chance.randrange(60, 6 * 3600))
        joined = start + timedelta(seconds=chance.randrange(1, 3 * 86400))
        ended = joined + timedelta(seconds=chance.randrange(600, 12 * 86400))
        sensors.append(
            SensorLife(
                kind=chance.choice(("g6", "g7", "libre2", "libre3")),
                start=start,
                joined=joined,
                ended=ended,
                stop_logged=chance.random() < 0.4,
                start_logged=chance.random() < 0.6,
                transmitter=chance.randrange(3600, 60 * 86400),
            )
        )
        now = ended
    return sensors


def history_of(sensors: list[SensorLife]) -> History:
    """Return the history of the pump's log of them, with its clock in UTC."""
    log = PumpDay()
    for sensor in sensors:
        for instant, (code, properties) in (
            (sensor.joined, sensor.join()),
            (sensor.ended, sensor.end()),
        ):
            log.write(f"{instant:%Y-%m-%dT%H:%M:%S}", code, **properties)
    return log.seen(f"{sensors[-1].ended + SECOND:%Y-%m-%dT%H:%M:%S}").history()


@given(seed=st.integers(0, 2**32))
def test_sessions_begin_and_end_when_they_did(seed: int) -> None:
    """Starts and ends are exact to the second with any events missing, and a duration is never invented."""
    sensors = some_sensors(Random(seed))
    history = history_of(sensors)
    for sensor, session in zip(sensors, history.session_starts, strict=True):
        assert session.session_start is not None
        assert abs(session.session_start - sensor.start) <= SECOND
    for sensor, end in zip(sensors, history.session_ends, strict=True):
        assert abs((end.session_stop or end.start) - sensor.ended) <= SECOND
        if end.session_start is not None:
            assert abs(end.session_start - sensor.start) <= SECOND


@given(
    seed=st.integers(0, 2**32),
    late=st.integers(0, 86400),
    again=st.booleans(),
)
def test_an_end_that_is_logged_late_ends_no_later_session(
    seed: int, late: int, again: bool
) -> None:
    """A late end names another session's start; a session ends by its own end, however it started."""
    sensors = some_sensors(Random(seed))
    assume(len(sensors) > 1)
    old, new = sensors[:2]
    assume(old.start_logged or old.kind == "g7" or old.kind != new.kind)
    told = new.joined + timedelta(seconds=late)
    old, new = replace(old, ended=told), replace(new, ended=told + timedelta(days=1))
    entries = [(old.joined, old.join()), (new.joined, new.join()), (told, old.end())]
    if again:
        rejoined = replace(new, joined=told)
        entries.append((told, rejoined.join()))
    log = PumpDay()
    for instant, (code, properties) in entries:
        log.write(f"{instant:%Y-%m-%dT%H:%M:%S}", code, **properties)
    history = log.history()
    assert running_session(history) == history.session_starts[-1]
    code, properties = new.end()
    log.write(f"{new.ended:%Y-%m-%dT%H:%M:%S}", code, **properties)
    assert running_session(log.history()) is None


@given(hours=st.integers(-23, 23), kind=st.sampled_from(["libre2", "libre3"]))
def test_a_libre_on_a_journey_ends_its_own_session(hours: int, kind: str) -> None:
    """The event names the start by the pump's clock, before or after the move."""
    joined = BEGIN + timedelta(days=1)
    sensor = SensorLife(
        kind=kind,
        start=BEGIN,
        joined=joined,
        ended=joined + timedelta(days=3),
        stop_logged=False,
        start_logged=True,
        transmitter=0,
    )
    log = PumpDay().write(
        f"{joined:%Y-%m-%dT%H:%M:%S}", sensor.join()[0], **sensor.join()[1]
    )
    before = joined + timedelta(days=1)
    after = before + timedelta(hours=hours)
    log.time_moved(
        f"{after:%Y-%m-%dT%H:%M:%S}", f"{before:%H:%M:%S}", f"{after:%H:%M:%S}"
    )
    code, properties = sensor.end()
    log.write(f"{sensor.ended:%Y-%m-%dT%H:%M:%S}", code, **properties)
    assert running_session(log.history()) is None


@given(
    values=st.lists(st.integers(40, 400), min_size=1, max_size=40),
    again=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 110)), max_size=20),
)
def test_a_reading_that_is_logged_again_counts_once(
    values: list[int], again: list[tuple[int, int]]
) -> None:
    """A reading of the same value within two minutes counts once, anywhere in the log."""
    log = PumpDay()
    for place, value in enumerate(values):
        log.reading(f"{8 + place // 12:02}:{place % 12 * 5:02}:00", value)
    for place, seconds in again:
        index = place % len(values)
        time = at("08:00:00") + timedelta(minutes=5 * index, seconds=seconds)
        log.reading(
            "12:00:00", values[index], read_at=f"{time:%H:%M:%S}", backfilled=True
        )
    found = log.history().readings
    assert [reading.value for reading in found] == values
