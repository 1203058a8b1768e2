"""Days of insulin, carbs and modes as the averages that clinics use."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from custom_components.tconnectsync.instants import FAR_FUTURE, ONE_DAY
from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode

from .bolus_sums import added, carbs_of, of_kind_or_unknown
from .delivered_insulin import basal_insulin, bolus_insulin
from .history import History, unreadable_of
from .known_delivery import delivering
from .records import ActivityModeChange, Bolus, BolusKind, ControlModeChange
from .spans import Span, length, merged, within
from .timeline import reaching_into
from .unreadable import unreadable_between

SUFFICIENT = 70
"""Percent of the span that the pump's log has to cover."""

type Changes = Sequence[ControlModeChange] | Sequence[ActivityModeChange]


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
    carbs: float | None
    """What was entered for boluses (g a day); None where some cannot be read."""
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


@dataclass(frozen=True, slots=True)
class _Given:
    """What one pump gave between two instants (U, g)."""

    known: Sequence[Span]
    """When it is known what it delivered, be it nothing."""
    basal: float
    bolus: float
    automatic: float | None
    """What it gave of its own accord as boluses that began then; None where that is not known."""
    carbs: int | None


type _OfBoluses = tuple[float | None, int | None]
"""What some boluses gave of the pump's own accord (U), and the carbs entered for them (g); None is not known."""


def _given(history: History, start: datetime, end: datetime) -> _Given:
    """Return what one pump gave between two instants."""
    found: list[_OfBoluses] = []
    for part in reaching_into(history.boluses, start, end):
        if part.earliest >= start and part.latest < end:
            found.append(part.result(_of_boluses))
        else:
            found.append(
                _of_boluses(
                    bolus for bolus in part.records if start <= bolus.start < end
                )
            )
    return _Given(
        known=delivering(history, start, end),
        basal=basal_insulin(history, start, end),
        bolus=bolus_insulin(history, start, end),
        automatic=added(automatic for automatic, _ in found),
        carbs=added(carbs for _, carbs in found),
    )


def _of_boluses(boluses: Iterable[Bolus]) -> _OfBoluses:
    every = [*boluses]
    automatic = of_kind_or_unknown(every, BolusKind.AUTOMATIC)
    insulin = None if automatic is None else sum(bolus.delivered for bolus in automatic)
    return insulin, carbs_of(every)


def day_averages(
    histories: Iterable[History], newest: datetime | None, span: timedelta
) -> DayAverages | None:
    """Return the averages of so many days up to an instant, of every pump worn; None where nothing is known.

    A day is 24 hours of what is known: a pump that was off or not read yet makes no day smaller.
    """
    if newest is None:
        return None
    start, every = newest - span, list(histories)
    parts = [_given(history, start, newest) for history in every]
    covered = length(merged(span for part in parts for span in part.known))
    if not covered:
        return None
    unknown = unreadable_between(unreadable_of(every), start, newest)
    basal = sum(part.basal for part in parts)
    days = covered / ONE_DAY
    insulin = None
    if not (unknown.basal or unknown.bolus):
        insulin = basal + sum(part.bolus for part in parts)
    automatic = None if unknown.bolus else added(part.automatic for part in parts)
    carbs = None if unknown.carbs else added(part.carbs for part in parts)
    modes = _Modes(every, [part.known for part in parts])
    return DayAverages(
        start=start,
        end=newest,
        covered=covered,
        insulin=None if insulin is None else insulin / days,
        basal_share=100 * basal / insulin if insulin else None,
        automatic_corrections=None if automatic is None else automatic / days,
        carbs=None if carbs is None else carbs / days,
        in_control_iq=modes.control(ControlMode.CLOSED_LOOP),
        in_sleep=modes.activity(UserMode.SLEEP),
        in_exercise=modes.activity(UserMode.EXERCISE),
    )


class _Modes:
    """Which share of the known time a pump was in a mode."""

    def __init__(
        self, histories: Sequence[History], known: Sequence[Sequence[Span]]
    ) -> None:
        """Take of each pump when it is known what it delivered."""
        self._pumps = [*zip(histories, known, strict=True)]

    def control(self, mode: ControlMode) -> float | None:
        """Return the share of a control mode (%)."""
        return self._share(lambda history: history.control_modes, mode)

    def activity(self, mode: UserMode) -> float | None:
        """Return the share of an activity (%)."""
        return self._share(lambda history: history.activity_mode_changes, mode)

    def _share(
        self, reported: Callable[[History], Changes], mode: ControlMode | UserMode
    ) -> float | None:
        whole = part = timedelta()
        for history, known in self._pumps:
            since = known[0][0] if known else FAR_FUTURE
            changes = reported(history)
            for begins, ends, found in _until_the_next(history, changes, since):
                lasted = length(within(known, begins, ends))
                whole += lasted
                if found is mode:
                    part += lasted
        return 100 * part / whole if whole else None


def _until_the_next(
    history: History, changes: Changes, since: datetime
) -> Iterator[tuple[datetime, datetime, ControlMode | UserMode]]:
    """Yield from when until when which mode held after an instant, as the pump reported it; none where it is not known."""
    for change, following in pairwise([*changes, None]):
        ends = following.start if following else history.newest
        if not change or not ends or change.mode is None:
            continue
        if ends > max(change.start, since):
            yield change.start, ends, change.mode
