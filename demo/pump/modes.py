"""Switch between sleep, exercise and eating soon, and log who controls the pump: codes 229 and 230."""

from enum import IntEnum

from .control_iq import Mode
from .event_log import EventLog
from .timeline import Appointment, Timeline


class Control(IntEnum):
    """Who controls the pump, as 230 numbers it."""

    NONE = 0
    OPEN_LOOP = 1
    WAITING = 2
    CLOSED_LOOP = 3


START = {Mode.SLEEP: 1, Mode.EXERCISE: 3, Mode.EATING_SOON: 6}
STOP = {Mode.SLEEP: 2, Mode.EXERCISE: 4, Mode.EATING_SOON: 7}


class Modes:
    """The activity mode in force and its changes."""

    def __init__(self, timeline: Timeline, log: EventLog) -> None:
        """Begin in normal activity."""
        self._timeline = timeline
        self._log = log
        self.mode = Mode.NORMAL
        self._by_schedule = False
        self._minutes: int | None = None
        self._timer: Appointment | None = None

    def start(
        self, mode: Mode, *, minutes: int | None = None, by_schedule: bool = False
    ) -> None:
        """Change to an activity, for some minutes or until stopped."""
        if mode == self.mode:
            return
        self._cancel_timer()
        self._by_schedule, self._minutes = by_schedule, minutes
        self._log_change(mode, START[mode])
        if minutes is not None:
            self._timer = self._timeline.after(
                minutes * 60, lambda: self.stop(by_timer=True)
            )

    def stop(self, *, by_timer: bool = False) -> None:
        """Return to normal activity."""
        if self.mode == Mode.NORMAL:
            return
        self._cancel_timer()
        self._log_change(Mode.NORMAL, STOP[self.mode], by_timer=by_timer)
        self._by_schedule, self._minutes = False, None

    def stop_schedule(self) -> None:
        """Return to normal activity if the schedule started sleep."""
        if self.mode == Mode.SLEEP and self._by_schedule:
            self.stop()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _log_change(self, mode: Mode, action: int, *, by_timer: bool = False) -> None:
        before, self.mode = self.mode, mode
        exercise = Mode.EXERCISE in (before, mode)
        asleep = Mode.SLEEP in (before, mode)
        self._log.write(
            229,
            currentUserMode=int(mode),
            previousUserMode=int(before),
            requestedAction=action,
            spareA3=0,
            sleepStartedByGui=int(asleep and not self._by_schedule),
            activeSleepSchedule=[0]
            if asleep and self._by_schedule and mode == Mode.SLEEP
            else [],
            spareB6=0,
            exerciseStoppedByTimer=int(by_timer and before == Mode.EXERCISE),
            exerciseChoice=int(exercise and self._minutes is not None),
            exerciseTime=self._minutes or 0 if exercise else 0,
            eatingSoonStoppedByTimer=int(by_timer and before == Mode.EATING_SOON),
        )


class ControlState:
    """Who controls the pump and its changes."""

    def __init__(self, log: EventLog) -> None:
        """Begin in open loop."""
        self._log = log
        self.state = Control.OPEN_LOOP

    def change(
        self, state: Control, *, suspended: bool, cgm: bool, preferred: bool
    ) -> None:
        """Log a change of control, if it is one."""
        if state == self.state:
            return
        before, self.state = self.state, state
        self._log.write(
            230,
            currentPcm=int(state),
            previousPcm=int(before),
            pumpSuspended=int(suspended),
            calculationAvailable=1,
            cgmAvailable=int(cgm),
            closedLoopPreferred=int(preferred),
            sufficientClosedLoopParams=1,
        )
