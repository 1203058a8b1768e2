"""Run appointments of the simulated pump, second by second."""

from collections.abc import Callable
from heapq import heappop, heappush


class Appointment:
    """Something that is going to happen unless it is cancelled."""

    __slots__ = ("action", "second")

    def __init__(self, second: int, action: Callable[[], object]) -> None:
        """Schedule an action at a second of UTC."""
        self.second = second
        self.action: Callable[[], object] | None = action

    def cancel(self) -> None:
        """Let it not happen."""
        self.action = None


class Timeline:
    """Runs appointments in order of time, those of one second in the order they were made."""

    __slots__ = ("_made", "_queue", "now")

    def __init__(self, start: int) -> None:
        """Begin at a second of UTC."""
        self.now = start
        self._made = 0
        self._queue: list[tuple[int, int, Appointment]] = []

    def at(self, second: int, action: Callable[[], object]) -> Appointment:
        """Make an appointment for a second of UTC, at the earliest for now."""
        appointment = Appointment(max(second, self.now), action)
        self._made += 1
        heappush(self._queue, (appointment.second, self._made, appointment))
        return appointment

    def after(self, seconds: float, action: Callable[[], object]) -> Appointment:
        """Schedule an action some seconds from now."""
        return self.at(self.now + round(seconds), action)

    def run_until(self, second: int) -> None:
        """Let everything happen until a second of UTC, that second included."""
        while self._queue and self._queue[0][0] <= second:
            due, _, appointment = heappop(self._queue)
            if appointment.action is not None:
                self.now = due
                appointment.action()
        self.now = max(self.now, second)
