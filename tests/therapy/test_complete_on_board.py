"""The pump's insulin on board is only used if it includes all insulin of the person."""

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.complete_on_board import complete_on_board
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import InsulinOnBoard

from .pump_days import PumpDay, at
from .pump_swaps import BEGIN, DURATION, Life, lives


def delivering(day: str = "2026-05-13", *, first: int = 1000) -> PumpDay:
    """Return a pump that delivers from noon of the day before."""
    return PumpDay(day, first=first).rate_change("12:00:00", 1.0).next_day()


def said(
    log: PumpDay, *others: PumpDay, duration: float | None = DURATION
) -> float | None:
    """Return the amount that is used, with these other pumps in mind."""
    histories = [log.history(), *(other.history() for other in others)]
    on_board = complete_on_board(histories, duration)
    return on_board.insulin if on_board else None


def entry(log: PumpDay, time: str, on_board: float) -> PumpDay:
    """Enter a glucose value, upon which the pump logs insulin on board."""
    return log.write(time, 16, bg=120, iob=on_board)


@given(
    life=lives(),
    after=st.integers(0, 2 * DURATION),
    fast=st.just(0) | st.integers(1, 9),
    short=st.integers(0, 3),
    unreadable=st.none() | st.integers(0, DURATION),
)
def test_it_never_leaves_out_what_is_on_board(
    life: Life, after: int, fast: int, short: int, unreadable: int | None
) -> None:
    """This holds at any end of the log, after any swap, reset or bolus, by a right or a fast clock.

    For some minutes the events of boluses may be unreadable.
    """
    newest, _ = life.ending(after, short=short)
    since = None if unreadable is None else newest - unreadable * 60
    newest, histories = life.ending(after, fast, short, unreadable=since)
    on_board = complete_on_board(histories, DURATION)
    if on_board is not None:
        assert life.left_out(on_board, newest) == 0


@pytest.mark.parametrize("in_rates", [False, True])
def test_a_bolus_may_stand_in_a_hole_of_the_log(in_rates: bool) -> None:
    """A hole of any length could hide a bolus if log numbers are missing, until the pump logs insulin on board again."""
    log = delivering()
    for minute in range(0, 60, 5):
        log.reading(f"10:{minute:02}:00", 120)
        if in_rates:
            log.basal(f"10:{minute:02}:01", 1.0)
    entry(log, "10:56:00", 1.5)
    assert said(log) == 1.5
    log.number += 3 if in_rates else 9
    log.reading("11:11:00", 120)
    assert said(log) == 1.5
    log.number += 3
    log.reading("11:26:01", 120)
    assert said(log) is None
    assert said(entry(log, "11:30:00", 4.0)) == 4.0


@given(life=lives(), after=st.integers(0, 2 * DURATION))
def test_it_is_passed_on_where_nothing_speaks_against_it(
    life: Life, after: int
) -> None:
    """Long enough after swaps and resets, with no bolus since, the pump's value is used."""
    newest, histories = life.ending(after)
    on_board = max(histories[0].insulin_on_board, key=lambda one: one.key, default=None)
    if on_board is None or life.left_out(on_board, newest):
        return
    second = (on_board.start - BEGIN).total_seconds()
    pump = len(histories) - 1
    begun = max(life.counted_from(pump, second), life.counted_from(pump, 0))
    if second - begun >= DURATION * 60 and not life.running(newest):
        assert complete_on_board(histories, DURATION) == on_board


def test_what_was_said_last() -> None:
    """Later values by their place in the log count."""
    log = delivering()
    assert said(log.seen("08:00:00")) is None
    assert said(entry(entry(log, "09:00:00", 1.5), "10:00:00", 1.2)) == 1.2


def test_nothing_is_said_in_the_middle_of_a_bolus() -> None:
    """A value before the bolus does not include it."""
    log = entry(delivering(), "09:00:00", 1.5)
    log.ask("10:00:00", 1, 3.0, iob=1.0).start("10:00:15", 1, 3.0)
    assert said(log) is None
    log.summary("10:01:42", 1, 3.0, delivered=3.0)
    assert said(log) is None, "only 20 says what is on board then"
    assert said(log.end("10:01:42", 1, 3.0, iob=4.0)) == 4.0


def test_a_fast_clock_hides_no_bolus() -> None:
    """Its times past the upload fall on one instant, so the order of the log decides."""
    log = delivering().seen("09:55:00").ask("10:00:00", 1, 3.0, iob=1.0)
    log.start("10:00:15", 1, 3.0).summary("10:01:42", 1, 3.0, delivered=3.0)
    upload = at("09:57:00", "2026-05-14")

    def passed_on() -> float | None:
        history = log.history(last_upload=upload)
        assert history.newest == upload
        on_board = complete_on_board([history], DURATION)
        return on_board.insulin if on_board else None

    assert passed_on() is None
    log.end("10:01:42", 1, 3.0, iob=4.0)
    assert passed_on() == 4.0


def test_what_is_logged_of_a_bolus_after_its_end_changes_nothing() -> None:
    """The pump logs insulin on board with the end, and the summary in the same second."""
    log = delivering().ask("10:00:00", 1, 3.0, iob=1.0).start("10:00:15", 1, 3.0)
    log.end("10:01:42", 1, 3.0, iob=4.0).summary("10:01:42", 1, 3.0, delivered=3.0)
    assert said(log) == 4.0


def test_an_extended_part_is_waited_for() -> None:
    """The end of the immediate part is not the end of the bolus."""
    log = delivering().ask("10:00:00", 1, 2.0, option=1, percent=50, minutes=60)
    log.start("10:00:15", 1, 1.0, 1.0, minutes=60).end("10:00:44", 1, 1.0, iob=1.0)
    log.start_extended("10:00:44", 1, 1.0)
    assert said(log) is None
    assert said(entry(log, "10:30:00", 1.4)) is None
    assert said(log.end("11:00:44", 1, 1.0, extended=True, iob=1.8)) == 1.8


def test_a_bolus_that_gave_nothing_hides_nothing() -> None:
    """The value before it is still complete."""
    log = entry(delivering(), "09:00:00", 1.5)
    log.ask("10:00:00", 1, 3.0, iob=1.3)
    assert (
        said(
            log.write(
                "10:00:10",
                20,
                bolusId=1,
                completionStatus=5,
                insulinDelivered=0,
                insulinRequested=3.0,
            )
        )
        == 1.3
    )


@pytest.mark.parametrize("duration", [120, 300, 480, None])
@pytest.mark.parametrize("by", ["99", "alarm 3"])
def test_a_reset_pump_begins_at_0(by: str, duration: float | None) -> None:
    """Earlier insulin may be on board for the duration of the profile, or for the longest possible one."""
    log = delivering()
    log = log.write("08:00:00", 99) if by == "99" else log.alarm("08:00:00", 3)
    hours = (duration or 480) // 60
    assert said(entry(log, f"{7 + hours:02}:59:59", 0.5), duration=duration) is None
    assert said(entry(log, f"{8 + hours:02}:00:00", 0.5), duration=duration) == 0.5


def test_other_alarms_reset_nothing() -> None:
    """An alert with the same number does not reset a pump either."""
    log = (
        delivering()
        .alarm("08:00:00", 2)
        .alert("08:00:00", 3)
        .malfunction("08:00:00", 3)
    )
    assert said(entry(log, "09:00:00", 0.5)) == 0.5


def test_what_may_have_flowed_unseen_since() -> None:
    """A bolus may have been delivered during missing events; a value after them includes it."""
    log = entry(delivering().basal("09:00:00", 1.0), "09:01:00", 1.5)
    assert said(log.basal("09:35:00", 1.0)) == 1.5
    assert said(log.basal("10:15:00", 1.0)) is None
    assert said(entry(log, "10:16:00", 2.5)) == 2.5


@pytest.mark.parametrize("code", [20, 21, 559, 60])
def test_insulin_that_cannot_be_read(code: int) -> None:
    """An unreadable bolus, dose or lost event may be on board; a value after it includes it."""
    log = entry(delivering(), "09:01:00", 5.0).write("09:01:30", code)
    log.raws[-1]["eventProperties"] = {"block": 1} if code == 60 else None
    assert said(log.seen("09:06:00")) is None
    assert said(entry(log, "09:07:00", 6.0)) == 6.0


@pytest.mark.parametrize("code", [3, 279, 11, 64, 280, 256, 9999])
def test_what_cannot_be_read_and_adds_nothing(code: int) -> None:
    """Basal is not part of the pump's value, and for a bolus its end counts."""
    log = entry(delivering(), "09:01:00", 5.0).write("09:01:30", code)
    log.raws[-1]["eventProperties"] = None
    assert said(log.seen("09:06:00")) == 5.0


@pytest.mark.parametrize("code", [20, 21, 559, 60, 279])
def test_what_another_pump_gave_and_nobody_can_read(code: int) -> None:
    """The other pump may have been in use and delivered any amount."""
    log = entry(delivering(), "09:01:00", 5.0)
    spare = delivering(first=5000).suspend("00:10:00")
    assert said(log, spare) == 5.0
    spare.write("06:00:00", code)
    spare.raws[-1]["eventProperties"] = {"block": 1} if code == 60 else None
    assert said(log, spare) is None
    assert said(entry(log, "11:04:00", 4.0), spare) is None
    assert said(entry(log, "11:05:00", 4.0), spare) == 4.0


def test_what_another_pump_gave_and_nobody_has_read() -> None:
    """Once insulin delivered up to then no longer acts, the value is complete."""
    history = entry(delivering(), "09:00:00", 1.5).history()
    for delivery_uncertain_until, known in (("04:00:00", True), ("04:00:01", False)):
        until = at(delivery_uncertain_until, "2026-05-14")
        found = complete_on_board([history], DURATION, delivery_uncertain_until=until)
        assert (found is not None) == known
    assert complete_on_board([history], DURATION) is not None


def test_a_pump_knows_nothing_of_the_one_before() -> None:
    """The value counts once the other pump's insulin no longer acts, uploaded or not."""
    old = delivering().seen("09:00:00")
    new = PumpDay(first=10).write("10:00:00", 12).rate_change("10:05:00", 1.0)
    assert said(entry(new, "15:04:59", 0.5), old) is None
    assert said(entry(new, "15:05:00", 0.5), old) == 0.5


def test_a_pump_that_comes_back_knows_nothing_of_the_one_in_between() -> None:
    """Its log is long, but insulin of the other pump is on board."""
    first = (
        delivering().suspend("06:00:00").resume("11:00:00").rate_change("11:00:00", 1.0)
    )
    spare = PumpDay(first=10).rate_change("06:10:00", 1.0).suspend("10:50:00")
    assert said(entry(first, "12:00:00", 0.5), spare) is None
    assert said(entry(first, "16:00:00", 0.5), spare) == 0.5


def test_a_pump_in_a_drawer_that_delivers_nothing_is_no_matter() -> None:
    """It may continue to log that it is suspended."""
    old = delivering().suspend("06:00:00").basal("20:00:00", 0.0, source=0)
    new = PumpDay(first=10).rate_change("06:10:00", 1.0)
    assert said(entry(new, "19:00:00", 0.5), old) == 0.5


def test_a_pump_may_begin_by_giving_nothing() -> None:
    """A pump is in use from its first rate on, even a rate of 0."""
    old = delivering().seen("09:00:00")
    new = PumpDay(first=10).rate_change("09:10:00", 0.0).rate_change("13:00:00", 1.0)
    assert said(entry(new, "14:10:00", 0.5), old) == 0.5


def test_another_pump_that_still_delivers() -> None:
    """It is unknown which of the two is in use."""
    assert (
        said(entry(delivering(), "19:00:00", 0.5), delivering().seen("19:30:00"))
        is None
    )


def test_the_beginning_of_a_log() -> None:
    """A first pump may follow injections, so earlier insulin is unknown."""
    log = PumpDay().rate_change("08:00:00", 1.0)
    assert said(entry(log, "12:59:00", 0.0)) is None
    assert said(entry(log, "13:00:00", 0.0)) == 0.0
    assert complete_on_board([History()], DURATION) is None


def test_since_when_a_pump_counts() -> None:
    """Each value has the reset before it."""
    log = entry(
        entry(delivering(), "07:00:00", 2.0).write("08:00:00", 99), "09:00:00", 0.0
    )
    before, after = log.history().insulin_on_board
    assert isinstance(before, InsulinOnBoard)
    assert before.counted_from is None
    assert after.counted_from == after.start.replace(hour=8)
