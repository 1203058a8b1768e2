"""A suspension keeps its start although part of the log within it is missing."""

from collections.abc import Callable

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.records import StopReason
from custom_components.tconnectsync.therapy.state import derive_state

from .pump_days import PumpDay, at, history

LAST = 48
"""Reports of four hours, one every five minutes."""


def suspended(first: int = 1, last: int = LAST, log: PumpDay | None = None) -> PumpDay:
    """Return a pump that is suspended at ten and keeps logging it; each report has its number."""
    log = log or PumpDay().basal("09:59:00", 0.8).suspend("10:00:00")
    for report in range(first, last + 1):
        log.number = 1100 + 10 * report
        log.basal(time(report), 0.0, source=0)
    return log


def time(report: int) -> str:
    """Return the time of a report."""
    return f"{10 + report // 12}:{report % 12 * 5:02}:00"


def begun(log: PumpDay) -> tuple[object, ...] | None:
    """Return start and reason of the last suspension, by log and clock."""
    last = derive_state([log.history()]).suspension
    if last is None:
        return None
    return last.key, last.start, last.pump_time.hour, last.reason


AT_TEN = ((0, 1001), at("10:00:00"), 10, StopReason.USER)


def test_a_hole_does_not_begin_a_suspension_anew() -> None:
    """Delivery during the hole is unknown, and ten o'clock is the best known start."""
    log = suspended(12, 13, suspended(1, 4))
    happened = log.history()
    assert len(happened.suspensions) == 2
    (gap,) = happened.basal_gaps
    assert (gap.start, gap.end) == (at("10:25:00"), at("11:00:00"))
    assert begun(log) == AT_TEN
    assert derive_state([happened]).is_suspended is True


@given(
    log_gaps=st.lists(
        st.tuples(st.integers(1, LAST - 1), st.integers(1, 22)), max_size=4
    )
)
def test_wherever_holes_lie(log_gaps: list[tuple[int, int]]) -> None:
    """With a report every two hours at least, the suspension started at ten."""
    log = suspended()
    missing = {first + n for first, many in log_gaps for n in range(many)} - {24, LAST}
    times = {f"{log.day}T{time(report)}" for report in missing}
    log.raws = [raw for raw in log.raws if raw["pumpDateTime"] not in times]
    assert begun(log) == AT_TEN
    running = derive_state([history(log.raws)]).running_suspension
    assert running is not None


@pytest.mark.parametrize("reminder", [18, 23])
def test_a_reminder_does_not_begin_it(reminder: int) -> None:
    """A reminder right after the hole, or later, does not start a suspension."""
    log = suspended(1, 4)
    log.number = 1200
    log.alarm("10:59:00", reminder)
    assert begun(suspended(12, 13, log)) == AT_TEN
    later = suspended(12, 13, suspended(1, 4)).alarm("11:06:00", reminder)
    assert begun(later) == AT_TEN


def anew(log: PumpDay) -> PumpDay:
    """Suspend again after a hole."""
    log.number = 1200
    return log.suspend("10:59:00", 1)


def resumed(log: PumpDay) -> PumpDay:
    """Resume after a hole."""
    log.number = 1200
    return log.resume("10:59:00")


def delivering(log: PumpDay) -> PumpDay:
    """Log a rate after a hole."""
    log.number = 1200
    return log.basal("10:50:00", 0.8)


def blocked(log: PumpDay) -> PumpDay:
    """Raise an occlusion after a hole, which means that the pump was delivering."""
    log.number = 1200
    return log.alarm("10:59:00", 2)


@pytest.mark.parametrize(
    ("what", "since"),
    [
        (anew, "10:59:00"),
        (blocked, "10:59:00"),
        (resumed, "11:00:00"),
        (delivering, "11:00:00"),
    ],
)
def test_what_tells_of_another_one(
    what: Callable[[PumpDay], PumpDay], since: str
) -> None:
    """A suspension, an alarm, a resume or a rate after the hole starts another one."""
    log = suspended(12, 13, what(suspended(1, 4)))
    last = derive_state([log.history()]).suspension
    assert last is not None
    assert last.start == at(since)


def test_behind_a_long_hole_it_is_another_one() -> None:
    """Automations fire for it again."""
    last = derive_state([suspended(40, 42, suspended(1, 4)).history()]).suspension
    assert last is not None
    assert last.start == at(time(40))


def test_a_suspension_that_was_resumed_is_not_gone_on_with() -> None:
    """This holds with a hole in the log and without one."""
    log = suspended(1, 4).resume("10:22:00").basal("10:22:00", 0.8)
    last = derive_state([suspended(12, 13, log).history()]).suspension
    assert last is not None
    assert last.start == at("11:00:00")
    assert begun(PumpDay().basal("10:00:00", 0.8)) is None
