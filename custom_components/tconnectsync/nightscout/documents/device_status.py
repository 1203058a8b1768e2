"""Insulin on board, reservoir, battery and mode at every event that carries insulin on board.

Where more may have been on board than the pump said, insulin on board is left out; where nobody knows
whether insulin flowed, so is the status: without one Nightscout shows none, instead of "normal".
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY
from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    build_document,
    by_day,
    distinct_instant,
    local_text,
)
from custom_components.tconnectsync.nightscout.features import CONTEXT_DAYS, Feature
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.nightscout.stored_document import STATUS_TYPE
from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode
from custom_components.tconnectsync.tandem.event_types import EventKey
from custom_components.tconnectsync.therapy.basal_gaps import SHORTEST_GAP
from custom_components.tconnectsync.therapy.complete_on_board import (
    OnBoard,
    RunningBoluses,
)
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.last_known import delivery_may_have_changed
from custom_components.tconnectsync.therapy.misdated_delivery import misdated_until
from custom_components.tconnectsync.therapy.records import (
    BasalSegment,
    Bolus,
    InsulinOnBoard,
    Record,
    Suspension,
)
from custom_components.tconnectsync.therapy.records_by_place import KEY, within
from custom_components.tconnectsync.therapy.reservoir import Anchor, Cartridge, anchors
from custom_components.tconnectsync.therapy.result_cache import ResultCache
from custom_components.tconnectsync.therapy.spans import Span
from custom_components.tconnectsync.therapy.timeline import (
    START,
    Records,
    Timeline,
    between,
    reaching_into,
    timelines_of,
)

MANUFACTURER = "Tandem"
BATTERY_HOLDS = timedelta(hours=24)
SECOND = timedelta(seconds=1)
LOOKS_BACK = timedelta(days=CONTEXT_DAYS[Feature.DEVICE_STATUS])
ACTIVITIES = {
    UserMode.NORMAL: "Normal",
    UserMode.SLEEP: "Sleep",
    UserMode.EXERCISE: "Exercise",
    UserMode.EATING_SOON: "Eating soon",
}
CONTROLS = {
    ControlMode.NO_CONTROL: "Off",
    ControlMode.OPEN_LOOP: "Open loop",
    ControlMode.WAITING: "Waiting",
    ControlMode.CLOSED_LOOP: "Closed loop",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What was known of a pump when it said what is on board, and nothing from later."""

    known: InsulinOnBoard
    is_all: bool
    """Whether no more was on board than it said."""
    suspended: bool | None
    """None where nobody knows whether insulin flowed."""
    left: float | None
    """What the cartridge held, to a tenth (U)."""
    battery: int | None
    """Its charge (%)."""
    activity: UserMode | None
    control: ControlMode | None

    @property
    def key(self) -> EventKey:
        """The event that said what is on board."""
        return self.known.key


@dataclass(frozen=True, slots=True)
class _Moments:
    """When the pump said what is on board on one day."""

    all: tuple[InsulinOnBoard, ...]
    """In the order of the log."""
    begin: datetime
    end: datetime
    """The first and the last in the order of time (UTC)."""


@dataclass(frozen=True, slots=True)
class _Near:
    """What the statuses of one day may depend on, whole parts of the log: while they are equal, so are those."""

    moments: _Moments
    on_board: OnBoard
    reported: History
    """What was reported meanwhile and last before."""
    span: tuple[datetime, datetime]
    """From when until when it matters what was delivered (UTC)."""
    basal: tuple[Timeline[BasalSegment], ...]
    boluses: tuple[Timeline[Bolus], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """All that the statuses of one day follow from."""

    moments: tuple[InsulinOnBoard, ...]
    is_all: tuple[bool, ...]
    """Of each whether no more was on board than it said."""
    near: History
    """What was reported meanwhile and last before, and what was delivered since the cartridge was last looked at."""


def statuses(
    history: History,
    others: Sequence[History] = (),
    days: Container[date] | None = None,
    cache: ResultCache | None = None,
) -> Iterator[tuple[date, Sequence[Status]]]:
    """Yield what was known at each such moment of a day, or of some pump days.

    The others are those of the pumps in use besides. While the pump's clock may be wrong nothing of
    the last day is: Nightscout would show what is hours old as of now. The statuses of days at which
    nothing changed are kept.
    """
    newest = history.newest if history.clock_doubtful else None
    cache = cache or ResultCache()
    history = replace(history, suspensions=tuple(history.suspensions))
    on_board = OnBoard.of([history, *others], None, _unsure(history, others))
    looked_at = anchors(history)
    found: defaultdict[date, list[Sequence[InsulinOnBoard]]] = defaultdict(list)
    for part in timelines_of(history.insulin_on_board):
        for day, of_day in part.result(by_day).items():
            found[day].append(of_day)
    for day, pieces in found.items():
        if days is None or day in days:
            moments = cache.get_or_compute("moments", day, (tuple(pieces),), _moments)
            near = _near(moments, history, on_board, looked_at)
            known = cache.get_or_compute(
                "near", day, (day, near, cache), _statuses_near
            )
            if newest:
                certain = newest - ONE_DAY
                known = tuple(one for one in known if one.known.start < certain)
            yield day, known


def _unsure(history: History, others: Sequence[History]) -> Iterator[Span]:
    """Yield when other pumps may have delivered: it was not read, or their clocks date it wrongly."""
    yield from history.others_unread
    if until := misdated_until([history, *others]):
        yield FAR_PAST, until


def _moments(pieces: Iterable[Sequence[InsulinOnBoard]]) -> _Moments:
    every = tuple(chain.from_iterable(pieces))
    starts = [one.start for one in every]
    return _Moments(every, min(starts), max(starts))


def _near(
    moments: _Moments,
    history: History,
    on_board: OnBoard,
    cartridges: tuple[Anchor, ...],
) -> _Near:
    first, last = moments.all[0].key, moments.all[-1].key
    begins, ends = moments.begin, moments.end
    cartridge = within(cartridges, first, last)
    looked_at = min((first, *(anchor.key for anchor in cartridge)))
    since, until = min((begins, *(one.start for one in cartridge))), ends + SECOND
    return _Near(
        moments,
        on_board.between(begins, ends),
        History(
            newest=history.newest and min(history.newest, ends),
            suspensions=within(history.suspensions, looked_at, last),
            battery=within(history.battery, first, last),
            activity_mode_changes=within(history.activity_mode_changes, first, last),
            control_modes=within(history.control_modes, first, last),
            cartridge_readings=within(history.cartridge_readings, looked_at, last),
            fills=within(history.fills, looked_at, last),
            unreadable=within(history.unreadable, looked_at, last),
            missing=within(history.missing, looked_at, last),
        ),
        (since, until),
        reaching_into(history.basal, since, until),
        reaching_into(history.boluses, since, until),
    )


def _statuses_near(day: date, near: _Near, cache: ResultCache) -> tuple[Status, ...]:
    """Return the statuses of a day; they change only with what is near enough in time."""
    boluses = between(Records(near.boluses), *near.span)
    running = RunningBoluses(boluses)
    known = _Known(
        near.moments.all,
        tuple(
            not running.ran_at(one) and near.on_board.is_all(one, one.start)
            for one in near.moments.all
        ),
        replace(
            near.reported,
            basal=between(Records(near.basal), *near.span),
            boluses=boluses,
        ),
    )
    return cache.get_or_compute("statuses", day, (known,), _statuses)


def _statuses(of: _Known) -> tuple[Status, ...]:
    cartridge, found = Cartridge(of.near), []
    rates = sorted(of.near.basal, key=START)
    for known, is_all in zip(of.moments, of.is_all, strict=True):
        battery = _last(of.near.battery, known)
        activity = _last(of.near.activity_mode_changes, known)
        control = _last(of.near.control_modes, known)
        left = _left(cartridge, known)
        charged = battery and known.start - battery.start <= BATTERY_HOLDS
        found.append(
            Status(
                known=known,
                is_all=is_all,
                suspended=_is_suspended(of.near, rates, known),
                left=None if left is None else round(left, 1),
                battery=battery.percent if battery and charged else None,
                activity=activity.mode if activity else None,
                control=control.mode if control else None,
            )
        )
    return tuple(found)


def _is_suspended(
    near: History, rates: Sequence[BasalSegment], moment_of: Record
) -> bool | None:
    """Return whether nothing was delivered when an event was logged, None where no rate and no resume tells."""
    instant, suspension = moment_of.start, _last(near.suspensions, moment_of)
    if suspension and instant < suspension.end:
        return True
    behind = bisect_right(rates, instant, key=START)
    if behind and instant < (rate := rates[behind - 1]).end:
        flows: BasalSegment | Suspension = rate
    elif suspension and suspension.resumed and instant - suspension.end < SHORTEST_GAP:
        flows = suspension
    else:
        return None
    changed = delivery_may_have_changed(near, flows, moment_of.key)
    return None if changed else False


def device_statuses(status: Status, pump: PumpIdentity) -> list[Document]:
    """Return the document of one such moment."""
    known = status.known
    created_at = distinct_instant(known.start, known.key)
    clock = local_text(created_at, known.offset)
    return [
        build_document(
            {
                "created_at": clock,
                "pump": _insulin_on_board(status, clock)
                | _pump(status, clock)
                | {"manufacturer": MANUFACTURER, "model": pump.model},
            },
            pump=pump,
            kind=Kind.STATUS,
            name=event_name(known.key),
            created_at=created_at,
            offset=known.offset,
            event_type=STATUS_TYPE,
            start=known.start,
            end=known.start,
            numbers=(known.key[1],),
        )
    ]


def _insulin_on_board(status: Status, clock: str) -> dict[str, Any]:
    """Return what the pump said (U), unless that was not all."""
    if not status.is_all:
        return {}
    insulin = status.known.insulin
    return {"iob": {"iob": insulin, "bolusiob": insulin, "timestamp": clock}}


def _pump(status: Status, clock: str) -> dict[str, Any]:
    """Return Nightscout's picture of a pump (U, %)."""
    reported: dict[str, Any] = {"clock": clock}
    if status.suspended is not None:
        reported["status"] = {
            "status": "suspended" if status.suspended else "normal",
            "suspended": status.suspended,
            "timestamp": clock,
        }
    if status.left is not None:
        reported["reservoir"] = status.left
    if status.battery is not None:
        reported["battery"] = {"percent": status.battery}
    extended = {}
    if status.activity is not None:
        extended["Activity"] = ACTIVITIES[status.activity]
    if status.control is not None:
        extended["Control"] = CONTROLS[status.control]
    return reported | ({"extended": extended} if extended else {})


def _left(cartridge: Cartridge, known: InsulinOnBoard) -> float | None:
    anchor = cartridge.anchor(known)
    if anchor is None or not _reaches(anchor, known):
        return None
    return cartridge.left(anchor, known)


def _last[R: Record](records: Sequence[R], moment_of: Record) -> R | None:
    """Return the newest of these records that was logged by then."""
    behind = bisect_right(records, moment_of.key, key=KEY)
    last = records[behind - 1] if behind else None
    return last if last and _reaches(last, moment_of) else None


def _reaches(earlier: Record, moment_of: Record) -> bool:
    """Return whether something is near enough to be held as long as what it explains is compared."""
    return moment_of.day - earlier.day < LOOKS_BACK
