"""The pump's clock has no zone: its moves determine the offset from UTC of each event."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import permutations
from typing import Literal
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.tandem.event_types import DateChanged, TimeChanged
from custom_components.tconnectsync.therapy.clock.moves import (
    ClockChange,
    ClockMove,
    clock_moves,
)
from custom_components.tconnectsync.therapy.clock.offsets import Clock
from custom_components.tconnectsync.therapy.clock.uploads import Upload
from tests.therapy.pump_days import EPOCH, PumpDay, typed

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Adelaide",
    "Asia/Kolkata",
    "America/St_Johns",
]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

type Stamp = Literal["old", "new"]


def wall(time: str) -> datetime:
    """Return a time on the pump's clock."""
    return datetime.fromisoformat(time)


def utc(time: str) -> datetime:
    """Return an instant."""
    return wall(time).replace(tzinfo=UTC)


def changes(log: PumpDay) -> list[ClockChange]:
    """Return the clock changes of a log."""
    return [
        event
        for event in typed(log.raws)
        if isinstance(event, (TimeChanged, DateChanged))
    ]


@dataclass
class PumpInUse:
    """A pump with a known true time for each time on its clock."""

    zone: ZoneInfo
    instant: datetime
    stamp: Stamp = "new"
    date_first: bool = False
    tells_date: bool = True
    offset: timedelta = field(init=False)
    number: int = 0
    changes: list[ClockChange] = field(default_factory=list)
    seen: list[tuple[tuple[int, int], datetime, datetime]] = field(default_factory=list)
    """Place in the log, time on the clock, and true instant."""

    def __post_init__(self) -> None:
        """Set the clock right, from its time out of the box."""
        self.offset = EPOCH - self.instant.replace(tzinfo=None)
        self.wait(HOUR)
        self.move(self.right - self.offset, tells_date=True)

    @property
    def right(self) -> timedelta:
        """The offset of the zone at this instant."""
        return self.instant.astimezone(self.zone).utcoffset() or timedelta()

    @property
    def shown(self) -> datetime:
        """The time on the clock."""
        return self.instant.replace(tzinfo=None) + self.offset

    def wait(self, duration: timedelta) -> None:
        """Let time pass, with an event at each end."""
        self.see()
        self.instant += duration
        self.number += 2 * (duration // timedelta(minutes=5))
        self.see()

    def wait_until(self, instant: datetime) -> None:
        """Let time pass until an instant."""
        self.wait(max(timedelta(), instant - self.instant))

    def see(self) -> None:
        """Log an event."""
        self.number += 1
        self.seen.append(((0, self.number), self.shown, self.instant))

    def move(self, delta: timedelta, *, tells_date: bool | None = None) -> None:
        """Set the clock, logged as 13 and, if the date changes and is logged, as 14."""
        old, new = self.shown, self.shown + delta
        days = new.date() - old.date()
        turn = delta - days
        dated = self.tells_date if tells_date is None else tells_date
        with_date = bool(days) and dated
        steps = (
            [turn, days]
            if with_date and not self.date_first
            else [days, turn]
            if with_date
            else [delta]
        )
        stamp = old
        for index, step in enumerate(steps):
            shows = stamp if self.stamp == "old" else stamp + step
            stamp += step
            is_date = with_date and index == int(not self.date_first)
            self.number += 1
            if is_date:
                self.changes.append(
                    DateChanged(
                        code=14,
                        group=0,
                        number=self.number,
                        pump_time=shows,
                        before=(old - EPOCH).days,
                        after=(new - EPOCH).days,
                    )
                )
            else:
                self.changes.append(
                    TimeChanged(
                        code=13,
                        group=0,
                        number=self.number,
                        pump_time=shows,
                        before=(old - EPOCH).total_seconds() % 86400,
                        after=(new - EPOCH).total_seconds() % 86400,
                    )
                )
        self.offset += delta
        self.see()

    def is_dated_right(self) -> bool:
        """Return whether the clock history dates every event at its true instant."""
        key, shown, instant = self.seen[-1]
        clock = Clock(self.zone, self.changes, uploads=[Upload(instant, key, shown)])
        for key, shown, instant in self.seen:
            assert clock.utc(key, shown) == instant, (key, shown, instant)
        return len(self.seen) > 3


@cache
def switches(zone: ZoneInfo, year: int) -> list[tuple[datetime, timedelta]]:
    """Return the instants at which a zone changes its offset in a year, and the changes."""
    found = []
    hour = datetime(year, 1, 1, tzinfo=UTC)
    while hour.year == year:
        before, after = (
            moment.astimezone(zone).utcoffset() or timedelta()
            for moment in (hour - timedelta(minutes=30), hour)
        )
        if after != before:
            found.append((hour, after - before))
        hour += timedelta(minutes=30)
    return found


# Without a known move.


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("Europe/Berlin", "2026-01-15T11:00", "2026-07-15T10:00"),
        ("America/New_York", "2026-01-15T17:00", "2026-07-15T16:00"),
        ("Australia/Adelaide", "2026-01-15T01:30", "2026-07-15T02:30"),
        ("Asia/Kolkata", "2026-01-15T06:30", "2026-07-15T06:30"),
        ("America/St_Johns", "2026-01-15T15:30", "2026-07-15T14:30"),
    ],
)
def test_without_a_move_the_zone_holds(zone: str, winter: str, summer: str) -> None:
    """Noon is noon in the person's zone, all year."""
    clock = Clock(ZoneInfo(zone))
    assert clock.utc((0, 1), wall("2026-01-15T12:00")) == utc(winter)
    assert clock.utc((0, 2), wall("2026-07-15T12:00")) == utc(summer)


@pytest.mark.parametrize("zone", ZONES)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001 - readings of the pump's clock
def test_without_a_move_any_reading_is_an_instant(zone: str, shown: datetime) -> None:
    """A time in the repeated or the missing hour is an instant too; only a missing one reads back differently."""
    instant = Clock(ZoneInfo(zone)).utc((0, 1), shown)
    there = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert abs(there - shown) in (timedelta(), HOUR)


def test_the_hour_that_exists_twice_is_taken_for_its_first() -> None:
    """Without a move the first of the two is assumed; times in the missing hour continue from before."""
    clock = Clock(ZoneInfo("Europe/Berlin"))
    assert clock.utc((0, 1), wall("2026-10-25T02:30")) == utc("2026-10-25T00:30")
    assert clock.utc((0, 2), wall("2026-03-29T02:30")) == utc("2026-03-29T01:30")


# With moves.


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("stamp", ["old", "new"])
@pytest.mark.parametrize("date_first", [False, True])
def test_a_pump_out_of_its_box(zone: str, stamp: Stamp, date_first: bool) -> None:
    """The pump shows a day in 2008 until its clock is set; events before that are dated as well."""
    pump = PumpInUse(ZoneInfo(zone), utc("2026-05-14T08:00"), stamp, date_first)
    pump.wait(30 * DAY)
    assert pump.is_dated_right()


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Adelaide", "America/St_Johns"],
)
@pytest.mark.parametrize("stamp", ["old", "new"])
@pytest.mark.parametrize(
    "late",
    [
        timedelta(),
        timedelta(seconds=20),
        timedelta(minutes=25),
        5 * HOUR,
        23 * HOUR,
        9 * DAY,
        -timedelta(seconds=20),
        -timedelta(minutes=25),
        -5 * HOUR,
    ],
)
def test_daylight_saving_by_hand(zone: str, stamp: Stamp, late: timedelta) -> None:
    """On time, late or early, in both directions, each event has the offset of its clock."""
    pump = PumpInUse(ZoneInfo(zone), utc("2026-01-15T08:00"), stamp)
    for switch, delta in switches(pump.zone, 2026):
        pump.wait_until(switch + late - HOUR)
        pump.wait(HOUR)
        pump.move(delta)
        pump.wait(2 * HOUR)
    assert len(pump.changes) > 2
    assert pump.is_dated_right()


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Adelaide", "America/St_Johns"],
)
@pytest.mark.parametrize(
    "late", [timedelta(), timedelta(minutes=10), timedelta(minutes=59), 30 * HOUR]
)
def test_daylight_saving_is_the_first_move_that_is_known(
    zone: str, late: timedelta
) -> None:
    """In the repeated hour of the wall clock the move determines the offset."""
    for switch, delta in switches(ZoneInfo(zone), 2026):
        pump = PumpInUse(ZoneInfo(zone), switch - 20 * DAY)
        pump.changes.clear()
        pump.seen.clear()
        pump.wait_until(switch + late)
        pump.move(delta)
        pump.wait(90 * timedelta(minutes=1))
        assert pump.is_dated_right()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", [-17, -9.5, -6, -1, 0.75, 2, 5.5, 9, 13])
@pytest.mark.parametrize("stamp", ["old", "new"])
def test_there_and_back(zone: str, hours: float, stamp: Stamp) -> None:
    """The clock follows the journey over midnight and returns to the zone, in summer or winter time."""
    pump = PumpInUse(ZoneInfo(zone), utc("2026-02-20T21:00"), stamp)
    if not is_on_earth(pump.right + hours * HOUR):
        hours += 24 if hours < 0 else -24
    evening = wall("2026-02-26T22:00" if hours > 0 else "2026-02-26T00:20")
    pump.wait_until((evening - pump.offset).replace(tzinfo=UTC))
    pump.move(hours * HOUR)
    pump.wait(60 * DAY)
    pump.move(pump.right - pump.offset)
    pump.wait(5 * DAY)
    assert pump.is_dated_right()


@pytest.mark.parametrize("stamp", ["old", "new"])
@pytest.mark.parametrize("minutes", [0, 7, -12])
def test_a_morning_taken_for_an_evening(stamp: Stamp, minutes: int) -> None:
    """A clock set wrong by about twelve hours within a day, and corrected, is followed."""
    pump = PumpInUse(ZoneInfo("America/New_York"), utc("2026-05-14T13:00"), stamp)
    pump.wait(2 * DAY + 10 * timedelta(minutes=1))
    pump.move(12 * HOUR + minutes * timedelta(minutes=1))
    key, shown, instant = pump.seen[-1]
    clock = Clock(pump.zone, pump.changes, uploads=[Upload(instant, key, shown)])
    assert abs(clock.utc((0, pump.number), shown) - instant) <= timedelta(minutes=15)
    pump.wait(HOUR)
    pump.move(pump.right - pump.offset)
    pump.wait(3 * HOUR)
    clock = Clock(pump.zone, pump.changes)
    key, shown, instant = pump.seen[-1]
    assert clock.utc(key, shown) == instant


def test_a_correction_of_minutes_moves_nothing() -> None:
    """Clocks drift by minutes; offsets from UTC are multiples of a quarter of an hour."""
    pump = PumpInUse(ZoneInfo("Europe/Berlin"), utc("2026-05-14T08:00"))
    pump.wait(DAY)
    key, shown, instant = pump.seen[-1]
    pump.move(timedelta(minutes=4))
    clock = Clock(pump.zone, pump.changes)
    assert clock.utc(key, shown) == instant
    assert clock.utc((0, pump.number), pump.shown) - pump.instant == timedelta(
        minutes=4
    )


def test_a_correction_of_minutes_abroad_is_no_way_home() -> None:
    """The offset of the journey stays until the clock is set back to the time at home."""
    pump = PumpInUse(ZoneInfo("Europe/Berlin"), utc("2026-05-14T08:00"))
    pump.wait(DAY)
    pump.move(-6 * HOUR)
    pump.wait(DAY)
    pump.move(timedelta(minutes=3))
    pump.move(timedelta(minutes=-3))
    pump.wait(DAY)
    pump.move(6 * HOUR)
    pump.wait(DAY)
    clock = Clock(pump.zone, pump.changes)
    off = {clock.utc(key, shown) - instant for key, shown, instant in pump.seen}
    assert off <= {timedelta(), timedelta(minutes=3)}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "goes",
    [
        ("2026-05-14T09:00", "2026-05-14T21:00"),
        ("2008-01-01T11:30", "2026-05-14T11:34"),
        (
            "2026-05-14T10:08",
            "2026-05-14T11:38",
            "2026-05-13T11:42",
            "2026-05-14T11:45",
        ),
    ],
)
def test_setting_up_takes_several_goes(zone: str, goes: tuple[str, ...]) -> None:
    """The last move is right; it dates the complete log, to the quarter hours of the earlier moves."""
    pump = PumpInUse(ZoneInfo(zone), utc("2026-05-14T08:00"))
    pump.changes, pump.seen, pump.offset = [], [], EPOCH - wall("2026-05-14T08:00")
    for reading in goes:
        pump.wait(timedelta(minutes=4))
        pump.move(wall(reading) - pump.shown)
    clock = Clock(pump.zone, pump.changes)
    truth = pump.shown.replace(tzinfo=pump.zone).astimezone(UTC) - pump.instant
    off = [clock.utc(key, shown) - instant - truth for key, shown, instant in pump.seen]
    assert max(map(abs, off)) <= timedelta(minutes=15)
    assert off[-1] == timedelta()


@pytest.mark.parametrize("season", ["2026-05-14T08:00", "2026-12-14T08:00"])
def test_a_clock_that_was_lost(season: str) -> None:
    """A clock that restarted in 2008 without an event and was set right is not a move of eighteen years."""
    pump = PumpInUse(ZoneInfo("Europe/Berlin"), utc("2026-01-15T08:00"))
    pump.wait_until(utc(season))
    if pump.offset != pump.right:
        pump.move(pump.right - pump.offset)
    pump.offset = EPOCH - pump.instant.replace(tzinfo=None)
    pump.instant += HOUR
    pump.move(pump.right - pump.offset)
    pump.wait(30 * DAY)
    assert pump.is_dated_right()


@pytest.mark.parametrize("wrong", [365 * DAY, -31 * DAY, DAY])
def test_a_date_set_wrong_and_corrected(wrong: timedelta) -> None:
    """The correction restores the zone, and the wrong days are dated right."""
    pump = PumpInUse(ZoneInfo("Australia/Adelaide"), utc("2026-05-14T02:00"))
    pump.wait(DAY)
    pump.move(wrong)
    pump.wait(HOUR)
    pump.move(-wrong)
    pump.wait(DAY)
    assert pump.is_dated_right()


episodes = st.tuples(
    st.sampled_from(ZONES),
    st.sampled_from(["old", "new"]),
    st.booleans(),
    st.booleans(),
    st.lists(st.integers(-20 * 60, 5 * 24 * 60), min_size=2, max_size=2),
    st.sampled_from([-11, -9.5, -5, -1, 1, 3.5, 5.75, 8, 11]),
    st.integers(0, 24 * 60),
    st.integers(1, 20 * 24 * 60),
)


@settings(max_examples=200)
@given(episodes)
def test_a_year_of_moves(
    year: tuple[str, Stamp, bool, bool, list[int], float, int, int],
) -> None:
    """A year with a journey in June and both changes of summer time, early or late and logged in any form, is dated right."""
    zone, stamp, date_first, tells_date, lateness, hours, start, length = year
    minute = timedelta(minutes=1)
    pump = PumpInUse(
        ZoneInfo(zone), utc("2026-01-15T08:00"), stamp, date_first, tells_date
    )
    if not is_on_earth(pump.right + hours * HOUR):
        hours = -hours
    journey = utc("2026-06-01T00:00") + start * minute
    for (switch, delta), late in zip(switches(pump.zone, 2026), lateness, strict=False):
        if switch > journey and pump.instant < journey:
            travel(pump, journey, hours * HOUR, length * minute)
        pump.wait_until(switch + late * minute)
        pump.move(delta)
    if pump.instant < journey:
        travel(pump, journey, hours * HOUR, length * minute)
    pump.wait(DAY)
    assert pump.is_dated_right()


def is_on_earth(offset: timedelta) -> bool:
    """Return whether a place with this offset may exist, in summer and in winter."""
    return -11 * HOUR <= offset <= 13 * HOUR


def travel(
    pump: PumpInUse, start: datetime, delta: timedelta, length: timedelta
) -> None:
    """Travel and return."""
    pump.wait_until(start)
    pump.move(delta)
    pump.wait(length)
    pump.move(pump.right - pump.offset)


# Joining 13 and 14.


def moves(log: PumpDay) -> list[tuple[datetime, datetime]]:
    """Return the wall clock before and after each move of a log."""
    return [(move.before, move.after) for move in clock_moves(changes(log))]


@pytest.mark.parametrize(
    "time_stamp", ["2026-05-14T23:40:05", "2026-05-14T00:40:05", "2026-05-15T00:40:05"]
)
@pytest.mark.parametrize(
    "date_stamp", ["2026-05-14T23:40:20", "2026-05-15T23:40:20", "2026-05-15T00:40:20"]
)
@pytest.mark.parametrize("date_first", [False, True])
def test_a_time_and_a_date_are_one_move(
    time_stamp: str, date_stamp: str, date_first: bool
) -> None:
    """The order does not matter, nor do the clocks that the two show."""
    log = PumpDay()
    if date_first:
        log.date_moved(date_stamp, "2026-05-14", "2026-05-15")
    log.time_moved(time_stamp, "23:40:00", "00:40:00")
    if not date_first:
        log.date_moved(date_stamp, "2026-05-14", "2026-05-15")
    assert moves(log) == [(wall("2026-05-14T23:40"), wall("2026-05-15T00:40"))]
    assert clock_moves(changes(log))[0].key == (0, 1001)


def test_a_time_and_a_date_hours_apart_are_two_moves() -> None:
    """Changes in two sequence groups are two moves as well."""
    log = PumpDay().time_moved("09:00:00", "09:00:00", "10:00:00")
    log.date_moved("13:00:00", "2026-05-14", "2026-05-13")
    assert moves(log) == [
        (wall("2026-05-14T09:00"), wall("2026-05-14T10:00")),
        (wall("2026-05-14T13:00"), wall("2026-05-13T13:00")),
    ]
    log = PumpDay().time_moved("09:00:00", "09:00:00", "10:00:00")
    log.group, log.number = 1, 1
    log.date_moved("10:00:10", "2026-05-14", "2026-05-13")
    assert len(moves(log)) == 2


def test_a_journey_of_just_so_many_hours() -> None:
    """The time set on departure and the date set on return are not one move."""
    log = PumpDay("2026-06-01").time_moved("13:00:00", "02:00:00", "13:00:00")
    log.date_moved("2026-06-02T00:00:00", "2026-06-03", "2026-06-02")
    log.time_moved("2026-06-02T13:00:00", "00:00:00", "13:00:00")
    assert [after - before for before, after in moves(log)] == [11 * HOUR, -11 * HOUR]
    log = PumpDay("2026-05-31").time_moved("20:00:00", "20:00:00", "09:00:00")
    log.number += 250
    log.date_moved("19:58:30", "2026-05-31", "2026-06-01")
    log.time_moved("06:58:30", "19:58:30", "06:58:30")
    assert [after - before for before, after in moves(log)] == [-11 * HOUR, 11 * HOUR]


def test_two_times_within_two_minutes_are_two_moves() -> None:
    """A person may set the clock twice."""
    log = PumpDay().time_moved("10:00:00", "09:00:00", "10:00:00")
    log.time_moved("09:30:30", "10:00:30", "09:30:30")
    assert [after - before for before, after in moves(log)] == [HOUR, -HOUR / 2]


@pytest.mark.parametrize(
    ("stamp", "old", "new", "before", "after"),
    [
        (
            "2026-05-14T23:30:00",
            "23:30:00",
            "00:30:00",
            "2026-05-14T23:30",
            "2026-05-15T00:30",
        ),
        (
            "2026-05-15T00:30:00",
            "23:30:00",
            "00:30:00",
            "2026-05-14T23:30",
            "2026-05-15T00:30",
        ),
        (
            "2026-05-14T00:30:00",
            "00:30:00",
            "23:30:00",
            "2026-05-14T00:30",
            "2026-05-13T23:30",
        ),
        (
            "2026-05-13T23:30:00",
            "00:30:00",
            "23:30:00",
            "2026-05-14T00:30",
            "2026-05-13T23:30",
        ),
        (
            "2026-05-14T20:00:00",
            "20:00:00",
            "05:00:00",
            "2026-05-14T20:00",
            "2026-05-15T05:00",
        ),
        (
            "2026-05-14T09:00:00",
            "09:00:00",
            "21:00:00",
            "2026-05-14T09:00",
            "2026-05-14T21:00",
        ),
        (
            "2026-05-14T21:25:00",
            "09:00:00",
            "21:25:00",
            "2026-05-14T09:00",
            "2026-05-14T21:25",
        ),
        (
            "2026-05-14T21:00:00",
            "21:00:00",
            "09:00:00",
            "2026-05-14T21:00",
            "2026-05-14T09:00",
        ),
        (
            "2026-05-14T08:00:00",
            "08:00:00",
            "21:00:00",
            "2026-05-14T08:00",
            "2026-05-13T21:00",
        ),
    ],
)
def test_a_time_alone_over_midnight(
    stamp: str, old: str, new: str, before: str, after: str
) -> None:
    """A change of more than twelve and a half hours crossed midnight the other way; a smaller one is taken as is."""
    assert moves(PumpDay().time_moved(stamp, old, new)) == [(wall(before), wall(after))]


def test_a_move_of_less_than_a_second_is_none() -> None:
    """A captured change set the clock to the time that it already showed."""
    log = PumpDay().time_moved("09:00:00", "09:00:00", "09:00:00.500000")
    assert moves(log) == []
    clock = Clock(ZoneInfo("Europe/Berlin"), changes(log))
    assert clock.utc((0, 1), wall("2026-01-15T12:00")) == utc("2026-01-15T11:00")


def test_how_far_a_move_goes() -> None:
    """The size of a move is the time after less the time before."""
    move = ClockMove(
        key=(0, 1), before=wall("2026-05-14T09:00"), after=wall("2026-05-14T08:00")
    )
    assert move.delta == -HOUR


def test_order_and_repetition_of_changes_do_not_matter() -> None:
    """Clock changes are part of every answer and of the events as well."""
    log = PumpDay("2026-03-29").time_moved("03:00:00", "02:00:00", "03:00:00")
    log.day = "2026-10-25"
    log.time_moved("02:00:00", "03:00:00", "02:00:00").time_moved(
        "07:00:00", "07:00:00", "01:00:00"
    )
    upload = Upload(utc("2026-10-25T06:03"), (0, 1002), wall("2026-10-25T01:00"))
    clocks = [
        Clock(ZoneInfo("Europe/Berlin"), [*order, *order[:2]], uploads=[upload])
        for order in permutations(changes(log))
    ]
    for number, shown, instant in (
        (999, "2026-03-29T01:59", "2026-03-29T00:59"),
        (1000, "2026-03-29T03:00", "2026-03-29T01:00"),
        (1001, "2026-10-25T02:00", "2026-10-25T01:00"),
        (1002, "2026-10-25T01:00", "2026-10-25T06:00"),
    ):
        assert {clock.utc((0, number), wall(shown)) for clock in clocks} == {
            utc(instant)
        }


def test_order_is_by_sequence_not_by_time() -> None:
    """In the repeated hour the place in the log determines the offset."""
    log = (
        PumpDay("2026-10-25")
        .seen("02:30:00")
        .time_moved("02:00:00", "03:00:00", "02:00:00")
        .seen("02:30:00")
    )
    clock = Clock(ZoneInfo("Europe/Berlin"), changes(log))
    assert clock.utc((0, 1000), wall("2026-10-25T02:30")) == utc("2026-10-25T00:30")
    assert clock.utc((0, 1002), wall("2026-10-25T02:30")) == utc("2026-10-25T01:30")


def test_a_new_sequence_group_comes_after_the_old_one() -> None:
    """Smaller numbers in a new group are later."""
    log = PumpDay("2026-03-29").time_moved("03:00:00", "02:00:00", "03:00:00")
    clock = Clock(ZoneInfo("Europe/Berlin"), changes(log))
    assert clock.utc((1, 1), wall("2026-12-24T12:00")) == utc("2026-12-24T10:00")
