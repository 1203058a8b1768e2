"""What shows that insulin flows: the end of an alarm or a suspension is not always logged."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, replace

from custom_components.tconnectsync.tandem.enums import (
    BasalRateChangeBit,
    BasalSource,
    Completion,
)
from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    BasalRateChange,
    BolusStarted,
    DeliveryResumed,
    DeliverySuspended,
    DoseDelivered,
    DoseStarted,
    EventKey,
    PumpEvent,
)

from .basal_doses import Dose, doses_by_part, first_periodic
from .bolus_joining import joined
from .event_log import DatedPart, EventLog
from .log_parts import PartNumber, part_number, within
from .records_by_place import KEY
from .reports_after_stop import is_at_once

type Turn = DeliverySuspended | DeliveryResumed


@dataclass(frozen=True, slots=True)
class DeliverySigns:
    """What one part of a log shows of insulin that flows, in the order of the log."""

    shown: tuple[PumpEvent, ...]
    suspended: tuple[EventKey, ...]
    """Where delivery was suspended."""
    suspended_before: bool = False
    """Whether it was between what shows it last before this part and this part."""
    suspended_behind: bool = False
    """Whether it was between this part and what shows it first behind."""

    def suspended_around(self, key: EventKey) -> bool:
        """Return whether delivery was suspended between the signs before and behind a place in the log."""
        before = max((one.key for one in self.shown if one.key <= key), default=None)
        behind = min((one.key for one in self.shown if one.key > key), default=None)
        return (
            (before is None and self.suspended_before)
            or (behind is None and self.suspended_behind)
            or any(
                (before is None or one > before) and (behind is None or one < behind)
                for one in self.suspended
            )
        )

    @property
    def begins_suspended(self) -> bool:
        """Whether delivery was suspended before the first sign of this part."""
        first = self.shown[0].key if self.shown else None
        return any(first is None or one < first for one in self.suspended)

    @property
    def ends_suspended(self) -> bool:
        """Whether delivery was suspended behind the last sign of this part."""
        last = self.shown[-1].key if self.shown else None
        return any(last is None or one > last for one in self.suspended)


def delivery_signs(log: EventLog) -> Mapping[PartNumber, DeliverySigns]:
    """Return what shows that insulin flows, by the parts of the log."""
    parts = log.dated_parts
    given, doses = _given(log), doses_by_part(log)
    first = first_periodic(log, doses)
    found = [
        part.result(
            _signs,
            frozenset(given.get(part.number, ())),
            doses.get(part.number, {}),
            within(part.part, first),
            around,
        )
        for part, around in zip(parts, _turns_around(log), strict=True)
    ]
    before: list[bool] = []
    suspended = False
    for one in found:
        before.append(suspended)
        suspended = one.ends_suspended or (suspended and not one.shown)
    signs: dict[PartNumber, DeliverySigns] = {}
    suspended = False
    for part, one, since in reversed([*zip(parts, found, before, strict=True)]):
        signs[part.number] = (
            replace(one, suspended_before=since, suspended_behind=suspended)
            if since or suspended
            else one
        )
        suspended = one.begins_suspended or (suspended and not one.shown)
    return signs


def _given(log: EventLog) -> Mapping[PartNumber, list[EventKey]]:
    """Return by the parts of the log where the part of a bolus began that was given whole."""
    found: defaultdict[PartNumber, list[EventKey]] = defaultdict(list)
    for _, boluses in joined(log):
        for bolus in boluses:
            for started, ended in (
                (bolus.now_started, bolus.now_ended),
                (bolus.extended_started, bolus.extended_ended),
            ):
                if started and ended and ended.completion is Completion.COMPLETED:
                    found[part_number(started.key)].append(started.key)
    return found


def _delivered(doses: Mapping[EventKey, Dose]) -> frozenset[EventKey]:
    """Return where doses of which something was delivered began, else ended."""
    return frozenset(
        key
        for key, (dose, _) in doses.items()
        if dose.delivered > 0 and dose.source is not BasalSource.SUSPENDED
    )


def _turns_around(log: EventLog) -> list[tuple[Turn | None, Turn | None]]:
    """Return for each part the last suspension or resume before it, and the first one behind."""
    of_parts = log.of_parts(_turns)
    before: list[Turn | None] = []
    last: Turn | None = None
    for turns in of_parts:
        before.append(last)
        last = turns[-1] if turns else last
    behind: list[Turn | None] = []
    first: Turn | None = None
    for turns in reversed(of_parts):
        behind.append(first)
        first = turns[0] if turns else first
    return [*zip(before, reversed(behind), strict=True)]


def _turns(log: DatedPart) -> list[Turn]:
    return sorted((*log.of(DeliverySuspended), *log.of(DeliveryResumed)), key=KEY)


def _signs(
    log: DatedPart,
    given: AbstractSet[EventKey],
    doses: Mapping[EventKey, Dose],
    until: EventKey | None,
    around: tuple[Turn | None, Turn | None],
) -> DeliverySigns:
    """Return the signs of a part of the log; the boluses that began here were given.

    Up to a place from which on reports come every five minutes, a rate that was resumed is one.
    """
    before, behind = around
    turns = [before, *log.result(_turns), behind]
    keys = [turn.key for turn in turns[1:-1] if turn]

    def is_of_its_own(report: PumpEvent) -> bool:
        """Return whether delivery was not suspended within a minute of a report."""
        place = bisect_right(keys, report.key)
        return not any(
            isinstance(turn, DeliverySuspended) and is_at_once(log, turn, report)
            for turn in turns[place : place + 2]
        )

    reports: list[PumpEvent] = [*log.where(_shows_delivery, BasalDelivery)]
    if delivered := _delivered(doses):
        of_doses = log.of(DoseStarted, DoseDelivered)
        reports += [one for one in of_doses if one.key in delivered]
    shown = (
        *filter(is_of_its_own, reports),
        *log.of(DeliveryResumed),
        *(
            one
            for one in log.where(_resumes_rate, BasalRateChange)
            if until is None or one.key < until
        ),
        *(one for one in log.of(BolusStarted) if one.key in given),
    )
    return DeliverySigns(
        tuple(sorted(shown, key=KEY)),
        tuple(one.key for one in log.of(DeliverySuspended)),
    )


def _shows_delivery(event: PumpEvent) -> bool:
    return (
        isinstance(event, BasalDelivery)
        and event.rate > 0
        and event.source is not BasalSource.SUSPENDED
    )


def _resumes_rate(event: PumpEvent) -> bool:
    return (
        isinstance(event, BasalRateChange)
        and event.rate > 0
        and BasalRateChangeBit.RESUMED in event.changes
    )
