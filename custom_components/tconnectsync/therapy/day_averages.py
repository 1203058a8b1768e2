"""Days of insulin, carbs and modes as the averages that clinics use."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode

from .delivered_insulin import basal_deliveries, bolus_deliveries
from .history import History
from .known_delivery import Span, delivering, known_for, length, within
from .records import ActivityMode, BolusKind, ControlModeChange
from .unreadable import unreadable_between

ONE_DAY = timedelta(days=1)
SUFFICIENT = 70
"""Percent of the span that the pump's log has to cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAverages:
    """Averages over what is known of a span up to the newest event (U, g a day; % of the time)."""

    start: datetime
    end: datetime
    covered: timedelta
    """How long it is known what the pumps delivered, suspensions included."""
    insulin: float | None
    """Basal and boluses (U a day); None where some of it was logged and cannot be read."""
    basal_share: float | None
    """Basal in percent of all insulin; None while there was none, or some cannot be read."""
    automatic_corrections: float | None
    """What the pump gave as boluses of its own accord (U a day); None where some cannot be read."""
    carbs: float
    """What was entered for boluses (g a day)."""
    in_control_iq: float | None
    """Closed loop, in percent of the time the control mode is known; None where it never is."""
    in_sleep: float | None
    in_exercise: float | None

    @property
    def coverage(self) -> float:
        """Share of the span that is known (%)."""
        return 100 * self.covered / (self.end - self.start)

    @property
    def sufficient(self) -> bool:
        """Whether enough of the span is known to speak for it."""
        return self.coverage >= SUFFICIENT

    @property
    def says_something(self) -> bool:
        """Whether a day at least is known."""
        return self.covered >= ONE_DAY


def day_averages(
    histories: Iterable[History], newest: datetime | None, span: timedelta
) -> DayAverages | None:
    """Return the averages of so many days up to an instant, of every pump worn; None where nothing is known.

    A day is 24 hours of what is known: a pump that was off or not read yet makes no day smaller.
    """
    if newest is None:
        return None
    start = newest - span
    every = list(histories)
    known = {id(history): delivering(history, start, newest) for history in every}
    covered = known_for(every, start, newest)
    if not covered:
        return None
    no_basal, no_bolus = unreadable_between(
        (event for history in every for event in history.unreadable), start, newest
    )
    basal = bolus = automatic = carbs = 0.0
    for history in every:
        basal += sum(
            part.between(start, newest) for part in basal_deliveries(history, start)
        )
        bolus += sum(part.between(start, newest) for part in bolus_deliveries(history))
        for one in history.boluses:
            if start <= one.start < newest:
                carbs += one.carbs
                if one.kind is BolusKind.AUTOMATIC:
                    automatic += one.delivered
    days = covered / ONE_DAY
    insulin = None if no_basal or no_bolus else basal + bolus
    modes = _Modes(every, known)
    return DayAverages(
        start=start,
        end=newest,
        covered=covered,
        insulin=None if insulin is None else insulin / days,
        basal_share=100 * basal / insulin if insulin else None,
        automatic_corrections=None if no_bolus else automatic / days,
        carbs=carbs / days,
        in_control_iq=modes.control(ControlMode.CLOSED_LOOP),
        in_sleep=modes.activity(UserMode.SLEEP),
        in_exercise=modes.activity(UserMode.EXERCISE),
    )


class _Modes:
    """Which share of the known time a pump was in a mode."""

    def __init__(
        self, histories: Sequence[History], known: dict[int, list[Span]]
    ) -> None:
        self._histories = histories
        self._known = known

    def control(self, mode: ControlMode) -> float | None:
        """Return the share of a control mode (%)."""
        return self._share(
            (history, history.control_modes, mode) for history in self._histories
        )

    def activity(self, mode: UserMode) -> float | None:
        """Return the share of an activity (%)."""
        return self._share(
            (history, history.activity_modes, mode) for history in self._histories
        )

    def _share(
        self,
        reported: Iterable[
            tuple[
                History,
                Sequence[ControlModeChange] | Sequence[ActivityMode],
                ControlMode | UserMode,
            ]
        ],
    ) -> float | None:
        whole = part = timedelta()
        for history, changes, mode in reported:
            for begins, ends, found in _until_the_next(history, changes):
                lasted = length(within(self._known[id(history)], begins, ends))
                whole += lasted
                if found is mode:
                    part += lasted
        return 100 * part / whole if whole else None


def _until_the_next(
    history: History, changes: Sequence[ControlModeChange] | Sequence[ActivityMode]
) -> Iterator[tuple[datetime, datetime, ControlMode | UserMode]]:
    """Yield from when until when which mode held, as the pump reported it."""
    for change, following in pairwise([*changes, None]):
        ends = following.start if following else history.newest
        if change and ends and ends > change.start:
            yield change.start, ends, change.mode
