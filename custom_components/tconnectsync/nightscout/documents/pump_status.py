"""The status of a pump at each of its reports of insulin on board, by that event of the log.

Insulin on board is left out where more may have been on board than the pump reported. Whether the
pump is suspended is left out where it is unknown whether insulin flowed: Nightscout then shows no
status instead of "normal".
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain

from custom_components.tconnectsync.instants import FAR_PAST, ONE_DAY, SECOND
from custom_components.tconnectsync.nightscout.document import by_day
from custom_components.tconnectsync.nightscout.features import CONTEXT_DAYS, Feature
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
from custom_components.tconnectsync.therapy.records_by_place import (
    KEY,
    between_keys_with_previous,
)
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

BATTERY_VALID_FOR = timedelta(hours=24)
MAX_AGE = timedelta(days=CONTEXT_DAYS[Feature.DEVICE_STATUS])


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpStatus:
    """What was known of a pump when it reported insulin on board, without anything from later."""

    report: InsulinOnBoard
    is_complete: bool
    """Whether no more insulin was on board than reported."""
    suspended: bool | None
    """None where it is unknown whether insulin flowed."""
    reservoir: float | None
    """Insulin left in the cartridge, to a tenth (U)."""
    battery: int | None
    """Charge (%)."""
    activity: UserMode | None
    control: ControlMode | None

    @property
    def key(self) -> EventKey:
        """The key of the report."""
        return self.report.key


@dataclass(frozen=True, slots=True)
class _Reports:
    """The reports of insulin on board of one day."""

    all: tuple[InsulinOnBoard, ...]
    """In the order of the log."""
    earliest: datetime
    latest: datetime
    """Instants (UTC) of the first and the last report in the order of time."""


@dataclass(frozen=True, slots=True)
class _ChunkInputs:
    """Everything that the statuses of a day can depend on, deliveries in complete chunks of the log."""

    reports: _Reports
    on_board: OnBoard
    reported: History
    """The other records of the day, and the last ones before."""
    span: tuple[datetime, datetime]
    """The span (UTC) whose deliveries matter."""
    basal: tuple[Timeline[BasalSegment], ...]
    boluses: tuple[Timeline[Bolus], ...]


@dataclass(frozen=True, slots=True)
class _ExactInputs:
    """Exactly the records that the statuses of a day depend on."""

    reports: tuple[InsulinOnBoard, ...]
    is_complete: tuple[bool, ...]
    """For each report, whether no more insulin was on board."""
    history: History
    """The other records of the day, the last ones before, and deliveries since the last cartridge reading."""


def pump_statuses(
    history: History,
    others: Sequence[History] = (),
    days: Container[date] | None = None,
    cache: ResultCache | None = None,
) -> Iterator[tuple[date, Sequence[PumpStatus]]]:
    """Yield the statuses of each pump day, or of some days.

    `others` are the histories of the other pumps in use. While the pump's clock may be wrong the
    statuses of the last day are left out: Nightscout would show hours-old values as current.

    Two caches keep statuses while their inputs are equal. The first compares chunks of the log, which
    is quick but fails whenever anything in a chunk changed; then the second compares exactly the
    records that the statuses depend on.
    """
    newest = history.newest if history.clock_doubtful else None
    cache = cache or ResultCache()
    history = replace(history, suspensions=tuple(history.suspensions))
    on_board = OnBoard.of([history, *others], None, _unknown_spans(history, others))
    cartridge_anchors = anchors(history)
    reports_by_day: defaultdict[date, list[Sequence[InsulinOnBoard]]] = defaultdict(
        list
    )
    for chunk in timelines_of(history.insulin_on_board):
        for day, of_day in chunk.result(by_day).items():
            reports_by_day[day].append(of_day)
    for day, chunks in reports_by_day.items():
        if days is None or day in days:
            reports = cache.get_or_compute(
                "insulin on board reports", day, (tuple(chunks),), _reports
            )
            inputs = _chunk_inputs(reports, history, on_board, cartridge_anchors)
            statuses = cache.get_or_compute(
                "statuses by chunks", day, (day, inputs, cache), _statuses_by_chunks
            )
            if newest:
                certain = newest - ONE_DAY
                statuses = tuple(
                    status for status in statuses if status.report.start < certain
                )
            yield day, statuses


def _unknown_spans(history: History, others: Sequence[History]) -> Iterator[Span]:
    """Yield spans in which other pumps may have delivered: not read yet, or dated wrongly by a clock."""
    yield from history.others_unread
    if until := misdated_until([history, *others]):
        yield FAR_PAST, until


def _reports(chunks: Iterable[Sequence[InsulinOnBoard]]) -> _Reports:
    reports = tuple(chain.from_iterable(chunks))
    starts = [report.start for report in reports]
    return _Reports(reports, min(starts), max(starts))


def _chunk_inputs(
    reports: _Reports,
    history: History,
    on_board: OnBoard,
    cartridge_anchors: tuple[Anchor, ...],
) -> _ChunkInputs:
    first, last = reports.all[0].key, reports.all[-1].key
    near_anchors = between_keys_with_previous(cartridge_anchors, first, last)
    first_anchor = min((first, *(anchor.key for anchor in near_anchors)))
    since = min((reports.earliest, *(anchor.start for anchor in near_anchors)))
    until = reports.latest + SECOND
    return _ChunkInputs(
        reports,
        on_board.between(reports.earliest, reports.latest),
        History(
            newest=history.newest and min(history.newest, reports.latest),
            suspensions=between_keys_with_previous(
                history.suspensions, first_anchor, last
            ),
            battery=between_keys_with_previous(history.battery, first, last),
            activity_mode_changes=between_keys_with_previous(
                history.activity_mode_changes, first, last
            ),
            control_modes=between_keys_with_previous(
                history.control_modes, first, last
            ),
            cartridge_readings=between_keys_with_previous(
                history.cartridge_readings, first_anchor, last
            ),
            fills=between_keys_with_previous(history.fills, first_anchor, last),
            unreadable=between_keys_with_previous(
                history.unreadable, first_anchor, last
            ),
            missing=between_keys_with_previous(history.missing, first_anchor, last),
        ),
        (since, until),
        reaching_into(history.basal, since, until),
        reaching_into(history.boluses, since, until),
    )


def _statuses_by_chunks(
    day: date, inputs: _ChunkInputs, cache: ResultCache
) -> tuple[PumpStatus, ...]:
    """Return the statuses of a day, cached by exactly the records that they depend on."""
    boluses = between(Records(inputs.boluses), *inputs.span)
    running = RunningBoluses(boluses)
    exact = _ExactInputs(
        inputs.reports.all,
        tuple(
            not running.ran_at(report) and inputs.on_board.is_all(report, report.start)
            for report in inputs.reports.all
        ),
        replace(
            inputs.reported,
            basal=between(Records(inputs.basal), *inputs.span),
            boluses=boluses,
        ),
    )
    return cache.get_or_compute("statuses", day, (exact,), _statuses)


def _statuses(inputs: _ExactInputs) -> tuple[PumpStatus, ...]:
    history, statuses = inputs.history, []
    cartridge = Cartridge(history)
    rates = sorted(history.basal, key=START)
    for report, is_complete in zip(inputs.reports, inputs.is_complete, strict=True):
        battery = _last(history.battery, report)
        activity = _last(history.activity_mode_changes, report)
        control = _last(history.control_modes, report)
        left = _insulin_left(cartridge, report)
        is_valid = battery and report.start - battery.start <= BATTERY_VALID_FOR
        statuses.append(
            PumpStatus(
                report=report,
                is_complete=is_complete,
                suspended=_is_suspended(history, rates, report),
                reservoir=None if left is None else round(left, 1),
                battery=battery.percent if battery and is_valid else None,
                activity=activity.mode if activity else None,
                control=control.mode if control else None,
            )
        )
    return tuple(statuses)


def _is_suspended(
    history: History, rates: Sequence[BasalSegment], report: InsulinOnBoard
) -> bool | None:
    """Return whether delivery was suspended at a report, None if neither a rate nor a resume shows that."""
    instant, suspension = report.start, _last(history.suspensions, report)
    if suspension and instant < suspension.end:
        return True
    index = bisect_right(rates, instant, key=START)
    if index and instant < (rate := rates[index - 1]).end:
        flows: BasalSegment | Suspension = rate
    elif suspension and suspension.resumed and instant - suspension.end < SHORTEST_GAP:
        flows = suspension
    else:
        return None
    changed = delivery_may_have_changed(history, flows, report.key)
    return None if changed else False


def _insulin_left(cartridge: Cartridge, report: InsulinOnBoard) -> float | None:
    """Return the insulin left in the cartridge (U) at a report."""
    anchor = cartridge.anchor(report)
    if anchor is None or not _counts_at(anchor, report):
        return None
    return cartridge.left(anchor, report)


def _last[R: Record](records: Sequence[R], report: InsulinOnBoard) -> R | None:
    """Return the newest of these records that was logged before a report."""
    index = bisect_right(records, report.key, key=KEY)
    last = records[index - 1] if index else None
    return last if last and _counts_at(last, report) else None


def _counts_at(earlier: Record, report: InsulinOnBoard) -> bool:
    """Return whether an earlier record is young enough: it is stored for as long as the report is compared."""
    return report.day - earlier.day < MAX_AGE
