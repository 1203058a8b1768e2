"""Events that show delivery, for alarms and suspensions without a logged end."""

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
    """The signs of delivery in one part of a log, in the order of the log."""

    shown: tuple[PumpEvent, ...]
    suspended: tuple[EventKey, ...]
    """Keys at which delivery was suspended."""
    suspended_before: bool = False
    """Whether delivery was suspended between the last earlier sign and this part."""
    suspended_after: bool = False
    """Whether delivery was suspended between this part and the first later sign."""

    def suspended_around(self, key: EventKey) -> bool:
        """Return whether delivery was suspended between the signs before and after a place in the log."""
        before = max((sign.key for sign in self.shown if sign.key <= key), default=None)
        after = min((sign.key for sign in self.shown if sign.key > key), default=None)
        return (
            (before is None and self.suspended_before)
            or (after is None and self.suspended_after)
            or any(
                (before is None or suspended > before)
                and (after is None or suspended < after)
                for suspended in self.suspended
            )
        )

    @property
    def begins_suspended(self) -> bool:
        """Whether delivery was suspended before the first sign of this part."""
        first = self.shown[0].key if self.shown else None
        return any(first is None or suspended < first for suspended in self.suspended)

    @property
    def ends_suspended(self) -> bool:
        """Whether delivery was suspended after the last sign of this part."""
        last = self.shown[-1].key if self.shown else None
        return any(last is None or suspended > last for suspended in self.suspended)


def delivery_signs(log: EventLog) -> Mapping[PartNumber, DeliverySigns]:
    """Return the signs of delivery by the parts of the log."""
    parts = log.dated_parts
    given, doses = _given(log), doses_by_part(log)
    first = first_periodic(log, doses)
    by_part = [
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
    for signs in by_part:
        before.append(suspended)
        suspended = signs.ends_suspended or (suspended and not signs.shown)
    by_number: dict[PartNumber, DeliverySigns] = {}
    suspended = False
    for part, signs, since in reversed([*zip(parts, by_part, before, strict=True)]):
        by_number[part.number] = (
            replace(signs, suspended_before=since, suspended_after=suspended)
            if since or suspended
            else signs
        )
        suspended = signs.begins_suspended or (suspended and not signs.shown)
    return by_number


def _given(log: EventLog) -> Mapping[PartNumber, list[EventKey]]:
    """Return the keys at which a completely delivered part of a bolus started, by the parts of the log."""
    starts: defaultdict[PartNumber, list[EventKey]] = defaultdict(list)
    for _, boluses in joined(log):
        for bolus in boluses:
            for started, ended in (
                (bolus.now_started, bolus.now_ended),
                (bolus.extended_started, bolus.extended_ended),
            ):
                if started and ended and ended.completion is Completion.COMPLETED:
                    starts[part_number(started.key)].append(started.key)
    return starts


def _delivered(doses: Mapping[EventKey, Dose]) -> frozenset[EventKey]:
    """Return the keys at which doses with any insulin began, or else ended."""
    return frozenset(
        key
        for key, (dose, _) in doses.items()
        if dose.delivered > 0 and dose.source is not BasalSource.SUSPENDED
    )


def _turns_around(log: EventLog) -> list[tuple[Turn | None, Turn | None]]:
    """Return for each part the last suspension or resumption before it, and the first one after it."""
    of_parts = log.of_parts(_turns)
    before: list[Turn | None] = []
    last: Turn | None = None
    for turns in of_parts:
        before.append(last)
        last = turns[-1] if turns else last
    after: list[Turn | None] = []
    first: Turn | None = None
    for turns in reversed(of_parts):
        after.append(first)
        first = turns[0] if turns else first
    return [*zip(before, reversed(after), strict=True)]


def _turns(log: DatedPart) -> list[Turn]:
    return sorted((*log.of(DeliverySuspended), *log.of(DeliveryResumed)), key=KEY)


def _signs(
    log: DatedPart,
    given: AbstractSet[EventKey],
    doses: Mapping[EventKey, Dose],
    until: EventKey | None,
    around: tuple[Turn | None, Turn | None],
) -> DeliverySigns:
    """Return the signs of a part of the log; `given` are the starts of completely delivered boluses.

    A resumed rate is a sign before `until`, the place from which on delivery is reported every five minutes.
    """
    before, after = around
    turns = [before, *log.result(_turns), after]
    keys = [turn.key for turn in turns[1:-1] if turn]

    def is_of_its_own(report: PumpEvent) -> bool:
        """Return whether delivery was not suspended within a minute of a report."""
        index = bisect_right(keys, report.key)
        return not any(
            isinstance(turn, DeliverySuspended) and is_at_once(log, turn, report)
            for turn in turns[index : index + 2]
        )

    reports: list[PumpEvent] = [*log.where(_shows_delivery, BasalDelivery)]
    if delivered := _delivered(doses):
        of_doses = log.of(DoseStarted, DoseDelivered)
        reports += [event for event in of_doses if event.key in delivered]
    shown = (
        *filter(is_of_its_own, reports),
        *log.of(DeliveryResumed),
        *(
            change
            for change in log.where(_resumes_rate, BasalRateChange)
            if until is None or change.key < until
        ),
        *(start for start in log.of(BolusStarted) if start.key in given),
    )
    return DeliverySigns(
        tuple(sorted(shown, key=KEY)),
        tuple(event.key for event in log.of(DeliverySuspended)),
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
