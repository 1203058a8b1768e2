"""Insulin on board computed from delivered insulin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.insulin_curve import (
    insulin_curve,
    insulin_on_board_ends,
    insulin_on_board_estimate,
)
from custom_components.tconnectsync.therapy.insulin_decay import remaining
from demo.pump import Profile, Segment, Settings, SimulatedPump

from .pump_days import PumpDay, at, history
from .pump_swaps import BEGIN, Life, lives

DURATION = 300
SHORT, LONG = 20, 41
"""Minutes of a log with less than half an hour unknown, and with more."""


def steady(rate: float = 1.0) -> PumpDay:
    """Return a pump that delivers a rate where the profile asks for 1 U/h."""
    return PumpDay().rate_change("00:00:00", rate)


def on_board(log: PumpDay, duration: float = DURATION) -> float | None:
    """Return the estimate for the newest event."""
    return insulin_on_board_estimate([log.history()], duration)


def bolus(log: PumpDay, time: str, units: float) -> PumpDay:
    """Log a bolus within a second."""
    return log.ask(time, 1, units).start(time, 1, units).end(time, 1, units)


def test_a_bolus_fades_by_the_curve() -> None:
    """At the profile's rate only the bolus is on board."""
    log = bolus(steady(), "10:00:00", 4.0)
    assert on_board(log) == pytest.approx(4.0)
    assert on_board(log.seen("12:00:00")) == pytest.approx(4 * remaining(120, DURATION))
    assert on_board(log.seen("15:00:00")) == 0


def test_the_duration_is_the_profiles() -> None:
    """With a longer duration more of the same bolus is on board."""
    log = bolus(steady(), "10:00:00", 4.0).seen("12:00:00")
    shorter, longer = on_board(log, 180), on_board(log, 480)
    assert shorter is not None
    assert longer is not None
    assert shorter < longer


def test_basal_counts_where_it_differs_from_the_profile() -> None:
    """A rate above the profile adds and one below subtracts, but the total is never below zero."""
    above = on_board(steady(2.0).seen("12:00:00"))
    minute_by_minute = sum(
        remaining(minute + 0.5, DURATION) / 60 for minute in range(DURATION)
    )
    assert above == pytest.approx(minute_by_minute, rel=1e-3)
    below = steady(0.0).seen("12:00:00")
    assert on_board(below) == 0
    with_bolus = on_board(bolus(steady(0.5), "11:00:00", 4.0).seen("12:00:00"))
    assert with_bolus == pytest.approx(
        4 * remaining(60, DURATION) - minute_by_minute / 2, rel=1e-3
    )


def test_a_suspension_takes_away_what_the_profile_would_have_given() -> None:
    """A suspension counts as a rate of zero."""
    log = bolus(steady(), "11:00:00", 4.0).suspend("11:00:00").seen("12:00:00")
    missed = sum(remaining(minute + 0.5, DURATION) / 60 for minute in range(60))
    assert on_board(log) == pytest.approx(
        4 * remaining(60, DURATION) - missed, rel=1e-3
    )


def test_an_extended_part_counts_as_far_as_it_was_delivered() -> None:
    """The future part is not on board."""
    log = steady().ask("10:00:00", 1, 2.0, option=1, percent=0, minutes=120)
    log.start("10:00:00", 1, 0.0, 2.0, minutes=120).seen("11:00:00")
    delivered = sum(remaining(minute + 0.5, DURATION) / 60 for minute in range(60))
    assert on_board(log) == pytest.approx(delivered, rel=1e-3)


def test_it_is_for_the_newest_event() -> None:
    """The estimate is not extrapolated to a later time."""
    log = bolus(steady(), "10:00:00", 4.0).seen("10:30:00")
    assert on_board(log) == pytest.approx(4 * remaining(30, DURATION))


def test_too_short_a_memory_tells_nothing() -> None:
    """A bolus may have been delivered before the known log."""
    assert insulin_on_board_estimate([History()], DURATION) is None
    assert on_board(PumpDay().seen("12:00:00")) is None
    assert on_board(PumpDay().rate_change("08:00:00", 1.0).seen("12:00:00")) is None
    assert on_board(PumpDay().rate_change("07:00:00", 1.0).seen("12:00:00")) == 0


def test_a_profile_rate_that_is_not_logged_says_nothing() -> None:
    """Basal cannot be compared with an unknown profile rate."""
    unset = 65.535
    log = PumpDay().rate_change("00:00:00", 1.0, profile=unset).seen("12:00:00")
    assert on_board(log) is None
    assert on_board(PumpDay().suspend("00:00:00").seen("12:00:00")) is None
    later = (
        PumpDay()
        .rate_change("00:00:00", 1.0, profile=unset)
        .rate_change("05:00:00", 1.0)
    )
    assert on_board(later.seen("12:00:00")) == 0


def test_it_ends_a_duration_after_the_last_delivery() -> None:
    """The last bolus to end decides; one without delivery does not count."""
    log = bolus(steady(), "10:00:00", 4.0)
    ends = insulin_on_board_ends([log.history()], DURATION)
    assert ends == at("15:00:00")
    log.ask("11:00:00", 2, 1.0).end("11:00:05", 2, 0.0, status=5, asked=1.0)
    assert insulin_on_board_ends([log.history()], DURATION) == at("15:00:00")


def test_it_does_not_end_before_a_bolus_has() -> None:
    """The end is unknown during a bolus; after an extended part it counts from the end of that part."""
    log = steady().ask("10:00:00", 1, 2.0, option=1, percent=50, minutes=120)
    log.start("10:00:00", 1, 1.0, 1.0, minutes=120).end("10:00:30", 1, 1.0)
    log.start_extended("10:00:30", 1, 1.0)
    assert insulin_on_board_ends([log.history()], DURATION) is None
    log.end("12:00:00", 1, 1.0, extended=True)
    assert insulin_on_board_ends([log.history()], DURATION) == at("17:00:00")
    assert insulin_on_board_ends([History()], DURATION) is None


def test_it_is_near_what_another_model_says() -> None:
    """The simulated pump uses another published curve, which never differs much."""
    flat = Profile(idp=0, name="Flat", segments=[Segment(start=0, basal=800)])
    pump = SimulatedPump(
        start=datetime(2026, 5, 11, tzinfo=UTC),
        time_zone=ZoneInfo("UTC"),
        quiet=True,
        settings=Settings(profiles=[flat]),
    )
    pump.run_for(hours=6)
    pump.give_bolus(4.0)
    pump.run_for(minutes=40)
    pump.give_bolus(2.0, extended_minutes=90, now_percent=50)
    for _ in range(12):
        pump.run_for(minutes=30)
        pump.log_event(90)
        estimate = insulin_on_board_estimate([history(pump.events)], DURATION)
        assert estimate == pytest.approx(pump.insulin_on_board(), abs=0.6)
    pump.run_for(hours=5)
    assert insulin_on_board_estimate([history(pump.events)], DURATION) == 0
    assert pump.insulin_on_board() == pytest.approx(0, abs=0.01)


@given(life=lives(), after=st.integers(0, 2 * DURATION))
def test_it_agrees_with_the_published_formula(life: Life, after: int) -> None:
    """At any end of the log all pumps, all boluses and basal off the profile count.

    A running bolus counts as far as it was delivered, to the delivery of two seconds.
    """
    newest, histories = life.ending(after)
    estimate = insulin_on_board_estimate(histories, DURATION)
    assert estimate == pytest.approx(
        life.on_board(newest), abs=0.1 if life.running(newest) else 0.01
    )
    assert estimate == insulin_on_board_estimate(histories[::-1], DURATION)


def beats(log: PumpDay, first: str, last: str, rate: float = 1.0) -> PumpDay:
    """Log the rate every five minutes (279) between two times."""
    instant, end = at(first), at(last)
    while instant <= end:
        log.basal(instant.strftime("%H:%M:%S"), rate)
        instant += timedelta(minutes=5)
    return log


def known(*logs: PumpDay) -> tuple[bool, bool]:
    """Return whether the estimate, and the end of the last bolus's action, are known at the newest event."""
    histories = [log.history() for log in logs]
    assert any(history.boluses for history in histories)
    return (
        insulin_on_board_estimate(histories, DURATION) is not None,
        insulin_on_board_ends(histories, DURATION) is not None,
    )


def beating(first: str = "00:00:00", last: str = "09:25:00") -> PumpDay:
    """A pump that logs its rate every five minutes, with a bolus early on."""
    return bolus(beats(PumpDay(), first, last), last, 1.0)


def test_a_bolus_may_hide_where_the_log_has_a_hole() -> None:
    """Missing events make the estimate unknown for the duration, until they are uploaded."""
    log = beats(beating(), "11:35:00", "12:00:00")
    assert known(log) == (False, False)
    assert known(beats(log, "12:05:00", "16:25:00")) == (False, False)
    assert known(beats(log, "16:30:00", "16:40:00")) == (True, True)
    whole = beats(
        bolus(beats(beating(), "09:30:00", "10:00:00"), "10:00:00", 6.0),
        "10:05:00",
        "12:00:00",
    )
    assert on_board(whole) == pytest.approx(
        6 * remaining(120, DURATION) + remaining(155, DURATION)
    )


def test_a_report_or_two_that_did_not_come_hide_nothing() -> None:
    """Half an hour may also be missing at the end of the log."""
    assert known(beats(beating(), "10:00:00", "12:00:00")) == (True, True)
    assert known(beats(beating(), "10:05:00", "12:00:00")) == (False, False)
    assert known(beating().seen("10:00:00")) == (True, True)
    assert known(beating().seen("10:00:01")) == (False, False)


@pytest.mark.parametrize("stop", ["suspended", "shut down", "shelf mode", "restarted"])
def test_a_pump_that_was_off_gave_nothing(stop: str) -> None:
    """The log shows that the pump was off, and its next events show until when."""
    log = beating()
    match stop:
        case "suspended":
            log.suspend("09:28:00")
        case "shut down":
            log.write("09:28:00", 3, commandedBasalRate=0.0, changeType=[6])
        case "shelf mode":
            log.write("09:28:00", 53, msecSinceReset=1)
        case _:
            log.write("09:28:00", 99)
    assert known(beats(log, "11:35:00", "12:00:00")) == (True, True)


def test_after_a_suspension_it_has_to_be_told_what_flows() -> None:
    """After a resume the rate is unknown until it is logged."""
    log = beating().suspend("09:28:00").resume("10:30:00")
    assert known(beats(log, "11:00:00", "12:00:00")) == (True, True)
    log = beating().suspend("09:28:00").resume("10:30:00")
    assert known(beats(log, "11:01:00", "12:00:00")) == (False, False)


def test_a_pump_that_tells_changes_alone_has_no_holes() -> None:
    """Its rate applies until the next change."""
    log = bolus(steady(), "10:00:00", 4.0).seen("13:00:00")
    assert known(log) == (True, True)


@pytest.mark.parametrize("code", [20, 21, 559, 60])
def test_when_it_ends_nobody_knows_where_a_bolus_cannot_be_read(code: int) -> None:
    """The end is unknown for the duration."""
    log = bolus(steady(), "10:00:00", 4.0).write("11:00:00", code)
    log.raws[-1]["eventProperties"] = {"block": 1} if code == 60 else None
    for time, known in (("11:00:30", False), ("16:04:59", False), ("16:05:00", True)):
        history = log.seen(time).history()
        assert (insulin_on_board_ends([history], DURATION) is not None) == known


def test_when_it_ends_does_not_hang_on_a_rate_that_cannot_be_read() -> None:
    """Basal alone has no such end."""
    log = beats(beating(), "09:30:00", "10:00:00").write("10:01:00", 279)
    log.raws[-1]["eventProperties"] = None
    history = beats(log, "10:05:00", "10:10:00").history()
    assert insulin_on_board_ends([history], DURATION) == at("14:25:00")


class TestAnotherPump:
    """A pump that is put on while insulin of the previous one acts."""

    def test_after_one_whose_log_does_not_say_that_it_stopped(self) -> None:
        """The previous pump may have delivered until the other one started."""
        new = beats(PumpDay(first=5000), "10:00:00", "11:15:00")
        assert known(new, beating().seen("09:30:00")) == (True, True)
        assert known(new, beating().seen("09:29:00")) == (False, False)

    def test_after_one_that_stopped(self) -> None:
        """Nothing was delivered in between, whatever the new pump logged of that time."""
        old = beating().suspend("09:30:00")
        assert known(beats(PumpDay(first=5000), "11:00:00", "11:15:00"), old) == (
            True,
            True,
        )
        new = PumpDay(first=5000).suspend("08:00:00").resume("11:00:00")
        assert known(beats(new, "11:00:00", "11:15:00"), beating()) == (False, False)

    def test_a_pump_in_a_drawer_hides_no_hole(self) -> None:
        """It keeps logging that it is suspended, which says nothing about the pump in use."""
        spare = beats(PumpDay(first=5000), "00:00:00", "01:00:00").suspend("01:02:00")
        for hour in range(2, 13):
            spare.basal(f"{hour:02}:00:00", 0.0, source=0)
        worn = beats(beating("01:00:00"), "11:35:00", "12:00:00")
        assert known(worn, spare) == (False, False)
        assert known(beating("01:00:00"), spare) == (False, False)
        assert known(beats(beating("01:00:00"), "09:30:00", "12:00:00"), spare) == (
            True,
            True,
        )


@given(
    life=lives(),
    after=st.integers(0, 2 * DURATION),
    ago=st.integers(0, 2 * DURATION),
    minutes=st.sampled_from((SHORT, LONG, 150)),
    step=st.integers(0, DURATION // 5),
)
def test_what_was_not_uploaded_makes_it_unknown_and_nothing_else_does(
    life: Life, after: int, ago: int, minutes: int, step: int
) -> None:
    """This holds for a missing part anywhere in the log; a curve that is continued stays the same."""
    newest, whole = life.ending(after)
    end = newest / 60 - ago
    begin = end - minutes
    assume(not life.interrupted(begin - 5, end + 5))
    _, histories = life.ending(after, missing=(begin * 60, end * 60))
    estimate = insulin_on_board_estimate(histories, DURATION)
    ends = insulin_on_board_ends(histories, DURATION)
    if ago >= DURATION + 5:
        before = insulin_on_board_estimate(whole, DURATION)
        assert estimate == pytest.approx(before, abs=0.01)
    elif minutes >= LONG and ago < DURATION:
        assert (estimate, ends) == (None, None)
    elif minutes <= SHORT:
        assert estimate is not None
    until = BEGIN + timedelta(seconds=newest)
    since = until - timedelta(minutes=DURATION)
    instant, on_board = [*insulin_curve(histories, DURATION, since, until)][step]
    ((_, alone),) = insulin_curve(histories, DURATION, instant, instant)
    assert alone == (None if on_board is None else pytest.approx(on_board))
