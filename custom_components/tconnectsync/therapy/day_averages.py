"""Daily averages of insulin, carbs and modes that clinics use."""

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
"""Percent of the span that the pump's log has to cover for representative figures."""

type Changes = Sequence[ControlModeChange] | Sequence[ActivityModeChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAverages:
    """Averages over the known time of a span up to the newest event (U, g a day; % of the time)."""

    start: datetime
    end: datetime
    covered: timedelta
    """For how long the pumps' delivery is known, suspensions included."""
    insulin: float | None
    """Basal and boluses (U a day); None where some events are unreadable."""
    basal_share: float | None
    """Basal in percent of all insulin; None without any, or where some events are unreadable."""
    automatic_corrections: float | None
    """Boluses that the pump gave by itself (U a day); None where some events are unreadable."""
    carbs: float | None
    """Carbs entered for boluses (g a day); None where some events are unreadable."""
    in_control_iq: float | None
    """Closed loop, in percent of the time with a known control mode; None without any."""
    in_sleep: float | None
    in_exercise: float | None

    @property
    def coverage(self) -> float:
        """Share of the span that is known (%)."""
        return 100 * self.covered / (self.end - self.start)

    @property
    def sufficient(self) -> bool:
        """Whether enough of the span is known for representative figures."""
        return self.coverage >= SUFFICIENT

    @property
    def says_something(self) -> bool:
        """Whether at least a day is known."""
        return self.covered >= ONE_DAY


@dataclass(frozen=True, slots=True)
class _PumpSums:
    """Sums over one pump between two instants (U, g)."""

    known: Sequence[Span]
    """Times for which its delivery is known, zero included."""
    basal: float
    bolus: float
    automatic: float | None
    """Insulin of automatic boluses that started then; None where it is unknown."""
    carbs: int | None


type _OfBoluses = tuple[float | None, int | None]
"""Insulin of automatic boluses (U), and the carbs entered for all boluses (g); None is unknown."""


def _pump_sums(history: History, start: datetime, end: datetime) -> _PumpSums:
    """Return the sums over one pump between two instants (UTC)."""
    of_parts: list[_OfBoluses] = []
    for part in reaching_into(history.boluses, start, end):
        if part.earliest >= start and part.latest < end:
            of_parts.append(part.result(_of_boluses))
        else:
            of_parts.append(
                _of_boluses(
                    bolus for bolus in part.records if start <= bolus.start < end
                )
            )
    return _PumpSums(
        known=delivering(history, start, end),
        basal=basal_insulin(history, start, end),
        bolus=bolus_insulin(history, start, end),
        automatic=added(automatic for automatic, _ in of_parts),
        carbs=added(carbs for _, carbs in of_parts),
    )


def _of_boluses(boluses: Iterable[Bolus]) -> _OfBoluses:
    all_boluses = [*boluses]
    automatic = of_kind_or_unknown(all_boluses, BolusKind.AUTOMATIC)
    insulin = None if automatic is None else sum(bolus.delivered for bolus in automatic)
    return insulin, carbs_of(all_boluses)


def day_averages(
    histories: Iterable[History], newest: datetime | None, span: timedelta
) -> DayAverages | None:
    """Return the averages of a span up to an instant (UTC) over all pumps; None where nothing is known.

    A day is 24 hours of known time, so hours of a pump that was off or not read lower no average.
    """
    if newest is None:
        return None
    start, pumps = newest - span, list(histories)
    sums = [_pump_sums(history, start, newest) for history in pumps]
    covered = length(merged(span for of_pump in sums for span in of_pump.known))
    if not covered:
        return None
    unknown = unreadable_between(unreadable_of(pumps), start, newest)
    basal = sum(of_pump.basal for of_pump in sums)
    days = covered / ONE_DAY
    insulin = None
    if not (unknown.basal or unknown.bolus):
        insulin = basal + sum(of_pump.bolus for of_pump in sums)
    automatic = None if unknown.bolus else added(of_pump.automatic for of_pump in sums)
    carbs = None if unknown.carbs else added(of_pump.carbs for of_pump in sums)
    modes = _Modes(pumps, [of_pump.known for of_pump in sums])
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
    """The share of the known time that the pumps were in a mode."""

    def __init__(
        self, histories: Sequence[History], known: Sequence[Sequence[Span]]
    ) -> None:
        """Take the histories, each with the times for which its delivery is known."""
        self._pumps = [*zip(histories, known, strict=True)]

    def control(self, mode: ControlMode) -> float | None:
        """Return the share of a control mode (%); None where the mode is never known."""
        return self._share(lambda history: history.control_modes, mode)

    def activity(self, mode: UserMode) -> float | None:
        """Return the share of an activity mode (%); None where the mode is never known."""
        return self._share(lambda history: history.activity_mode_changes, mode)

    def _share(
        self, reported: Callable[[History], Changes], mode: ControlMode | UserMode
    ) -> float | None:
        known_time = in_mode = timedelta()
        for history, known in self._pumps:
            since = known[0][0] if known else FAR_FUTURE
            changes = reported(history)
            for begins, ends, changed_to in _until_the_next(history, changes, since):
                lasted = length(within(known, begins, ends))
                known_time += lasted
                if changed_to is mode:
                    in_mode += lasted
        return 100 * in_mode / known_time if known_time else None


def _until_the_next(
    history: History, changes: Changes, since: datetime
) -> Iterator[tuple[datetime, datetime, ControlMode | UserMode]]:
    """Yield the spans (UTC) of known modes, each with its mode, that end after an instant."""
    for change, following in pairwise([*changes, None]):
        ends = following.start if following else history.newest
        if not change or not ends or change.mode is None:
            continue
        if ends > max(change.start, since):
            yield change.start, ends, change.mode
