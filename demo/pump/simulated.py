"""Simulate an insulin pump with the person who uses it: plausible days, or only requested actions."""

from typing import override

from .actions import Pump
from .control_loop import ControlLoop
from .mishaps import Mishaps
from .person import Person
from .routine import Routine


class SimulatedPump(Pump):
    """Logs events as the real pump's uploads show them, and knows what truly happened.

    A quiet pump delivers the first profile's rate, logs it every five minutes and does nothing
    else by itself; any other pump is used by a person who eats, moves and sleeps, and has bad luck
    unless the life is lucky: no sensor lost, no occlusion, no reading far off, no bolus forgotten.
    Everything asked of it happens at the instant it has lived to; equal seeds live equal lives.
    """

    @override
    def _begin(self, *, quiet: bool, lucky: bool) -> None:
        self._loop: ControlLoop | None = None
        self.basal.command()
        if quiet:
            self._repeat_basal()
            return
        self._loop = loop = ControlLoop(self)
        Person(self, loop, careful=lucky)
        chance = self.chance("fortune")
        if not lucky:
            Mishaps(self, loop, chance)
        Routine(self, chance)

    def eat(self, carbs: float) -> None:
        """Let the person eat (g), which a bolus requested from outside does not do; a quiet pump has no person."""
        if self._loop:
            self._loop.eaten += carbs

    def _repeat_basal(self) -> None:
        def repeat() -> None:
            self.basal.command()
            self._repeat_basal()

        self.timeline.after(300, repeat)
