"""Sleep, exercise and eating soon, and the pump's control mode."""

from datetime import datetime

import pytest

from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode
from custom_components.tconnectsync.therapy.records import (
    ActivityModeChange,
    ActivitySpan,
    ControlModeChange,
)
from custom_components.tconnectsync.therapy.state import derive_state

from .pump_days import PumpDay, at


def mode(
    log: PumpDay, time: str, current: int, previous: int = 0, **fields: object
) -> PumpDay:
    """Log a change of the activity mode."""
    return log.write(
        time, 229, currentUserMode=current, previousUserMode=previous, **fields
    )


def test_a_night() -> None:
    """A night of sleep is one record from start to end."""
    log = mode(PumpDay(), "22:30:00", 1, activeSleepSchedule=[0])
    mode(log.next_day(), "07:00:00", 0, 1)
    assert log.history(zone="Europe/Berlin").activities == (
        ActivitySpan(
            key=(0, 1000),
            start=at("20:30:00"),
            pump_time=datetime.fromisoformat("2026-05-14T22:30:00"),
            mode=UserMode.SLEEP,
            end=at("05:00:00", "2026-05-15"),
            planned_minutes=None,
            by_schedule=True,
        ),
    )


def test_what_still_runs_has_no_end() -> None:
    """Its planned length is known if it has one."""
    log = mode(PumpDay(), "17:00:00", 2, exerciseChoice=1, exerciseTime=45)
    (running,) = log.history().activities
    assert (running.mode, running.end, running.planned_minutes) == (
        UserMode.EXERCISE,
        None,
        45,
    )


def test_one_mode_may_follow_another() -> None:
    """Each mode ends when the next starts; only exercise has a planned length."""
    log = mode(PumpDay(), "16:00:00", 3, exerciseChoice=1, exerciseTime=45)
    mode(log, "16:30:00", 2, 3)
    mode(log, "17:30:00", 0, 2)
    mode(log, "22:00:00", 1)
    eating, exercise, sleep = log.history().activities
    assert (eating.mode, eating.end, eating.planned_minutes) == (
        UserMode.EATING_SOON,
        at("16:30:00"),
        None,
    )
    assert (exercise.end, sleep.mode, sleep.end) == (
        at("17:30:00"),
        UserMode.SLEEP,
        None,
    )


def test_no_mode() -> None:
    """A pump that is always in normal mode has no modes."""
    history = PumpDay().basal("10:00:00", 1.0).history()
    assert (
        history.activities,
        history.activity_mode_changes,
        history.control_modes,
    ) == (
        (),
        (),
        (),
    )


def test_the_activity_mode_is_logged_again_at_midnight() -> None:
    """The daily status, the sensor event and each change show the mode."""
    log = mode(PumpDay(), "22:30:00", 1).next_day()
    log.write("00:00:06", 313, pumpControlState=3, usermode=1, sensorType=3)
    log.write("00:00:07", 563, pumpControlState=3, sensorType=3)
    mode(log, "07:00:00", 0, 1)
    history = log.history()
    assert [one.mode for one in history.activity_mode_changes] == [
        UserMode.SLEEP,
        UserMode.SLEEP,
        UserMode.NORMAL,
    ]
    assert history.activity_mode_changes[0] == ActivityModeChange(
        key=(0, 1000),
        start=at("22:30:00"),
        pump_time=datetime.fromisoformat("2026-05-14T22:30:00"),
        mode=UserMode.SLEEP,
    )


def test_control_modes() -> None:
    """Only changes show whether the loop is wanted."""
    log = PumpDay().write(
        "10:00:00", 230, currentPcm=1, previousPcm=3, closedLoopPreferred=0
    )
    log.write(
        "11:00:00", 230, currentPcm=3, previousPcm=1, closedLoopPreferred=1
    ).next_day()
    log.write("00:00:06", 313, pumpControlState=2, usermode=0).write(
        "00:00:07", 313, usermode=0
    )
    modes = log.history(zone="Europe/Berlin").control_modes
    assert modes[0] == ControlModeChange(
        key=(0, 1000),
        start=at("08:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
        mode=ControlMode.OPEN_LOOP,
        closed_loop_preferred=False,
    )
    assert [(one.mode, one.closed_loop_preferred) for one in modes[1:]] == [
        (ControlMode.CLOSED_LOOP, True),
        (ControlMode.WAITING, None),
    ]


@pytest.mark.parametrize("unknown", [4, 200, None])
def test_a_mode_that_is_not_known(unknown: int | None) -> None:
    """An unknown mode ends the previous one, and the mode is unknown until the next known one."""
    log = mode(PumpDay(), "08:00:00", 1).write("08:00:00", 230, currentPcm=3)
    log.write("12:00:00", 229, currentUserMode=unknown, previousUserMode=1)
    log.write("12:00:00", 230, currentPcm=unknown, closedLoopPreferred=1)
    history = log.history()
    [sleep] = history.activities
    assert (sleep.mode, sleep.end) == (UserMode.SLEEP, at("12:00:00"))
    known = derive_state([history])
    assert known.activity is not None
    assert (known.activity.mode, known.activity.start) == (None, at("12:00:00"))
    assert known.control is not None
    assert known.control.mode is None
    assert known.closed_loop_preference == known.control
    mode(log, "13:00:00", 2).write("13:00:00", 230, currentPcm=1)
    assert [one.mode for one in log.history().activities] == [
        UserMode.SLEEP,
        UserMode.EXERCISE,
    ]
    known = derive_state([log.history()])
    assert known.activity is not None
    assert known.activity.mode is UserMode.EXERCISE


def test_a_mode_that_is_not_known_at_midnight() -> None:
    """An unknown mode counts; if midnight logs none, the previous one continues."""
    log = mode(PumpDay(), "22:00:00", 1).write("22:00:00", 230, currentPcm=3).next_day()
    log.write("00:00:06", 313, usermode=255).write("00:00:07", 563, sensorType=3)
    known = derive_state([log.history()])
    assert known.activity is not None
    assert known.activity.mode is UserMode.SLEEP
    log.write("00:00:08", 313, usermode=4, pumpControlState=4)
    known = derive_state([log.history()])
    assert known.activity is not None
    assert known.activity.mode is None
    assert known.control is not None
    assert known.control.mode is None
    [sleep] = log.history().activities
    assert sleep.end == at("00:00:08", "2026-05-15")
