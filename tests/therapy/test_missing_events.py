"""After lost or unreadable events a state is unknown until the next event that shows it."""

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.day_averages import day_averages
from custom_components.tconnectsync.therapy.history import Derivation
from custom_components.tconnectsync.therapy.state import PumpState, derive_state

from .pump_days import DAY, PumpDay, at, typed

MINUTE = timedelta(minutes=1)
LOST = 60
HOLE = None
ACTIVITY, CONTROL, CARTRIDGE, CANNULA, TUBING = 229, 230, 33, 61, 63


def reporting(log: PumpDay, first: str, last: str, source: int = 3) -> PumpDay:
    """Log the rate every five minutes between two times of the day."""
    instant = at(first, log.day)
    while instant <= at(last, log.day):
        log.basal(f"{instant:%H:%M:%S}", 0.8 if source else 0.0, source=source)
        instant += timedelta(minutes=5)
    return log


def lacking(log: PumpDay, events: int = 20) -> PumpDay:
    """Continue after this many events that were not uploaded."""
    log.number += events
    return log


def an_hour() -> PumpDay:
    """Return a pump in closed loop and sleep whose site was changed an hour ago."""
    log = PumpDay().write("09:00:00", CARTRIDGE, insulinVolume=200)
    log.write("09:02:00", TUBING, primeSize=15.0, completionStatus=3)
    log.write("09:04:00", CANNULA, primeSize=0.3, completionStatus=3)
    log.write("09:05:00", CONTROL, currentPcm=3, closedLoopPreferred=1)
    log.write("09:06:00", ACTIVITY, currentUserMode=1)
    return reporting(log, "09:10:00", "10:00:00")


def after(what: int | None) -> PumpDay:
    """Return the same pump after an unreadable event, or after two hours that were not uploaded."""
    log = an_hour()
    if what is HOLE:
        return reporting(lacking(log), "12:00:00", "12:10:00")
    log.write("10:01:00", what).raws[-1]["eventProperties"] = None
    return reporting(log, "10:05:00", "12:10:00")


def known(log: PumpDay) -> PumpState:
    """Return the state of the pump."""
    return derive_state([log.history()], 300)


def activity(one: PumpState) -> object:
    """Return the activity mode."""
    return one.activity and one.activity.mode


def control(one: PumpState) -> object:
    """Return the control mode and the preferred one."""
    preferred = one.closed_loop_preference
    mode = one.control and one.control.mode
    return mode and (mode, preferred and preferred.closed_loop_preferred)


def cartridge(one: PumpState) -> object:
    """Return the time of the last cartridge change."""
    return one.cartridge


def tubing(one: PumpState) -> object:
    """Return the time of the last tubing fill."""
    return one.tubing


def site(one: PumpState) -> object:
    """Return the time of the last site change."""
    return one.site


SHOWN: dict[Callable[[PumpState], object], set[int | None]] = {
    activity: {ACTIVITY, LOST, HOLE},
    control: {CONTROL, LOST, HOLE},
    cartridge: {CARTRIDGE, LOST, HOLE},
    tubing: {TUBING, LOST, HOLE},
    site: {CARTRIDGE, CANNULA, LOST, HOLE},
}
EVERY = (ACTIVITY, CONTROL, CARTRIDGE, CANNULA, TUBING, LOST, HOLE, 313, 64, 20, 28)


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("what", EVERY)
def test_a_state_that_may_have_changed(
    shown: Callable[[PumpState], object], what: int | None
) -> None:
    """The state is unknown after the event that may have changed it; other states stay known."""
    assert shown(known(an_hour()))
    assert bool(shown(known(after(what)))) == (what not in SHOWN[shown])


@pytest.mark.parametrize("what", [ACTIVITY, CONTROL, CARTRIDGE, CANNULA, LOST, HOLE])
def test_the_next_event_that_tells_makes_it_known(what: int | None) -> None:
    """The event at midnight or another change makes the state known again."""
    log = after(what).write("12:11:00", 313, pumpControlState=1, usermode=2)
    log.write("12:12:00", CARTRIDGE, insulinVolume=210)
    log.write("12:13:00", TUBING, primeSize=15.0, completionStatus=3)
    log.write("12:14:00", CANNULA, primeSize=0.3, completionStatus=3)
    now = known(log)
    assert now.activity is not None
    assert now.control is not None
    for fill in (now.cartridge, now.tubing, now.site):
        assert fill is not None
        assert fill.start >= at("12:12:00")


def test_a_change_right_behind_a_hole() -> None:
    """The first event after the hole counts."""
    log = lacking(an_hour()).write("12:00:00", ACTIVITY, currentUserMode=2)
    assert activity(known(reporting(log, "12:05:00", "12:10:00"))) == 2
    assert control(known(log)) is None


@pytest.mark.parametrize("minutes", [5, 14, 15, 16, 45, 600])
@pytest.mark.parametrize("events", [0, 2, 3, 20])
def test_what_is_a_hole(minutes: int, events: int) -> None:
    """A hole is longer than a rate stays valid and lacks too many numbers; otherwise the pump was off."""
    log = lacking(an_hour(), events)
    behind = at("10:00:00") + timedelta(minutes=minutes)
    log.basal(f"{behind:%H:%M:%S}", 0.8)
    is_hole = minutes > 15 and events >= 3
    assert [one.code for one in log.history().missing] == [None] * is_hole


def test_a_new_sequence_group_may_leave_out_anything() -> None:
    """Numbers start again in a new group."""
    log = an_hour()
    log.group += 1
    log.basal("10:30:00", 0.8)
    assert [one.code for one in log.history().missing] == [None]


def test_a_log_that_goes_on_without_its_rates_has_no_hole() -> None:
    """Only the delivery is unknown then; everything else was logged."""
    log = an_hour()
    for minute in range(5, 60, 5):
        lacking(log, 1).reading(f"10:{minute:02}:00", 120)
    assert activity(known(reporting(log, "11:00:00", "11:10:00")))


def test_a_pump_that_is_off_or_tells_its_rates_once_has_no_hole() -> None:
    """Such a pump logs nothing because nothing happens."""
    off = an_hour().rate_change("10:01:00", 0.0, 6)
    assert activity(known(reporting(off, "14:00:00", "14:10:00")))
    rare = PumpDay().rate_change("00:00:00", 1.0)
    rare.write("01:00:00", ACTIVITY, currentUserMode=1)
    assert activity(known(rare.seen("09:00:00")))


def test_what_a_mode_lasted() -> None:
    """A mode counts up to the loss or hole, and not after it."""
    for what, until in ((LOST, "10:01:00"), (ACTIVITY, "10:01:00"), (HOLE, "10:00:00")):
        (sleep,) = after(what).history().activities
        assert sleep.end == at(until)
    (sleep,) = after(CONTROL).history().activities
    assert sleep.end is None


def test_shares_of_the_time() -> None:
    """Unknown time counts for no mode."""
    log = after(HOLE)
    log.write("12:11:00", 313, pumpControlState=1, usermode=0)
    reporting(log, "12:15:00", "23:55:00")
    reporting(log.next_day(), "00:00:00", "23:55:00")
    history = log.history()
    assert history.newest is not None
    found = day_averages([history], history.newest, timedelta(days=2))
    assert found is not None
    assert found.in_control_iq == pytest.approx(100 * 55 / (55 + 35 * 60 + 44), abs=0.3)


@given(st.integers(0, 59), st.integers(5, 700))
def test_wherever_a_hole_lies(begins: int, lasts: int) -> None:
    """After a hole of three reports anywhere, states that may have changed are unknown; after a shorter one all are known."""
    log = an_hour()
    del log.raws[5:]
    start = at("09:10:00")
    hole = start + begins * MINUTE, start + (begins + lasts) * MINUTE
    missing = 0
    for minutes in range(0, 1000, 5):
        instant = start + minutes * MINUTE
        if hole[0] < instant < hole[1]:
            log.number += 2
            missing += 1
        else:
            log.basal(f"{instant:%Y-%m-%dT%H:%M:%S}", 0.8)
    assert bool(activity(known(log))) == (missing < 3)
    assert bool(site(known(log))) == (missing < 3)


@pytest.mark.parametrize("what", [LOST, HOLE])
def test_whether_an_alarm_is_raised(what: int | None) -> None:
    """After a loss alarms are unknown for a day, the time limit of alerts, and until insulin flows."""
    log = after(what)
    assert not known(an_hour()).may_lack_alarms
    assert known(log).may_lack_alarms
    reporting(log, "12:15:00", "23:55:00")
    reporting(log.next_day(), "00:00:00", "09:55:00")
    assert known(log).may_lack_alarms
    assert not known(reporting(log, "10:00:00", "12:00:00")).may_lack_alarms


def test_an_alarm_may_have_stopped_the_pump_long_ago() -> None:
    """A lost alarm may be the reason for the stop, until insulin flows again."""
    log = an_hour().suspend("10:00:10").write("10:01:00", LOST)
    reporting(log, "10:05:00", "23:55:00", source=0)
    reporting(log.next_day(), "00:00:00", "11:00:00", source=0)
    assert known(log).may_lack_alarms
    assert not known(reporting(log, "11:05:00", "11:10:00")).may_lack_alarms


@pytest.mark.parametrize("what", [ACTIVITY, CANNULA, 64, 28, 313])
def test_what_tells_of_no_alarm_hides_none(what: int) -> None:
    """Losses that cannot contain an alarm leave it known that none is raised."""
    assert not known(after(what)).may_lack_alarms


def test_what_is_raised_stays_raised() -> None:
    """A loss does not end an alarm."""
    log = an_hour().alarm("10:00:30", 2).write("10:01:00", LOST)
    assert len(known(log.seen("10:30:00")).raised) == 1


def test_a_day_that_is_lost_and_not_read_again() -> None:
    """The lost day may be the last one."""
    log = an_hour()
    now = derive_state(
        [
            Derivation().derive(
                {date.fromisoformat(DAY): typed(log.raws)},
                [],
                ZoneInfo("UTC"),
                None,
                lost=True,
            )
        ]
    )
    assert now.may_lack_alarms
    assert not any(shown(now) for shown in SHOWN)
    nothing = Derivation().derive({}, [], ZoneInfo("UTC"), None, lost=True)
    assert not derive_state([nothing]).may_lack_alarms


SENSOR_START, SENSOR_STOP, SENSOR_TYPE = 394, 447, 368


def worn() -> PumpDay:
    """Return a sensor started with the day after an ended one, and a bolus at nine."""
    log = PumpDay().write("05:00:00", SENSOR_STOP, currentTransmitterTime=900)
    log.write("06:00:00", SENSOR_START, cgmTimestamp=0)
    log.write("08:00:00", 313, pumpControlState=3, usermode=0, sensorType=3)
    log.ask("09:00:00", 7, 2.0, carbs=20).start("09:00:15", 7, 2.0)
    return reporting(log.end("09:02:00", 7, 2.0), "09:05:00", "10:00:00")


def behind(what: int | None) -> PumpDay:
    """Return the same log after an unreadable event, or after two hours that were not uploaded."""
    log = worn()
    if what is HOLE:
        return reporting(lacking(log), "12:00:00", "12:10:00")
    log.write("10:01:00", what).raws[-1]["eventProperties"] = None
    return reporting(log, "10:05:00", "12:10:00")


OF_SENSOR: dict[str, set[int | None]] = {
    "session": {SENSOR_START, LOST, HOLE},
    "session_limits": {SENSOR_START, SENSOR_STOP, LOST, HOLE},
    "session_end": {SENSOR_STOP, LOST, HOLE},
    "sensor_type": {LOST, HOLE},
    "bolus": {20, LOST, HOLE},
    "meal_bolus": {64, LOST, HOLE},
}


@pytest.mark.parametrize("name", OF_SENSOR)
@pytest.mark.parametrize("what", [SENSOR_START, SENSOR_STOP, 20, 64, 229, LOST, HOLE])
def test_a_sensor_or_bolus_that_may_not_be_the_last(
    name: str, what: int | None
) -> None:
    """A later one may be lost or unreadable."""
    assert getattr(known(worn()), name)
    shown = getattr(known(behind(what)), name)
    assert bool(shown) == (what not in OF_SENSOR[name])


@pytest.mark.parametrize("what", [SENSOR_START, LOST, HOLE])
def test_how_the_sensor_is(what: int | None) -> None:
    """The state before the loss may be that of another sensor; the next reading shows it again."""
    log = PumpDay().write("09:00:00", SENSOR_STOP, currentTransmitterTime=900)
    reporting(log, "09:10:00", "10:00:00")
    assert known(log).sensor is not None
    if what is not HOLE:
        log.write("10:01:00", what).raws[-1]["eventProperties"] = None
    else:
        lacking(log)
    reporting(log, "10:40:00" if what is HOLE else "10:05:00", "11:00:00")
    assert known(log).sensor is None
    assert known(log.reading("11:01:00", 120)).sensor is not None


def test_a_wrong_clock() -> None:
    """A clock that is ahead hides the newest change, so an older one would be shown as the last."""
    log = an_hour().write("08:00:00", SENSOR_START, cgmTimestamp=0)
    for upload, sure in (("10:01:00", True), ("07:01:00", False)):
        history = log.history(last_upload=at(upload))
        assert history.clock_doubtful is not sure
        now = derive_state([history])
        for shown in (now.cartridge, now.tubing, now.site, now.session):
            assert bool(shown) == sure


def test_the_last_bolus_beside_a_pump_that_is_not_read() -> None:
    """The other pump may have delivered a later bolus."""
    histories = [worn().history()]
    assert derive_state(histories, 300, at("09:00:00")).bolus
    later = derive_state(histories, 300, at("09:30:00"))
    assert (later.bolus, later.meal_bolus) == (None, None)


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("what", [LOST, 11])
def test_whether_insulin_flows(what: int, repeats: bool) -> None:
    """A lost or unreadable event may have suspended delivery; the next rate shows it, and a suspension continues."""

    def rate(log: PumpDay, time: str) -> PumpDay:
        return log.basal(time, 1.0) if repeats else log.rate_change(time, 1.0)

    def unread(log: PumpDay, time: str) -> PumpDay:
        log.write(time, what).raws[-1]["eventProperties"] = None
        return log

    log = rate(PumpDay(), "09:00:00")
    assert known(log).is_suspended is False
    assert known(unread(log, "09:01:00")).is_suspended is None
    assert known(log).basal is None
    assert known(rate(log, "09:05:00")).is_suspended is False
    assert known(unread(log.suspend("09:10:00"), "09:11:00")).is_suspended is True
    assert known(log.resume("09:12:00")).is_suspended is False
    assert known(unread(log, "09:13:00")).is_suspended is None


@pytest.mark.parametrize("what", [3, 20, 64, 399])
def test_what_tells_of_no_rate(what: int) -> None:
    """Insulin is known to flow; next to rates every five minutes a change of the rate adds nothing."""
    log = an_hour().write("10:01:00", what)
    log.raws[-1]["eventProperties"] = None
    assert known(log).is_suspended is False
