"""What shows that insulin flows: the end of an alarm or a suspension is not always logged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from custom_components.tconnectsync.tandem.enums import BasalSource, Completion
from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    BolusEnded,
    BolusStarted,
    DeliveryResumed,
    DeliverySuspended,
    EventKey,
    PumpEvent,
)

from .event_log import EventLog, PartLog
from .log_parts import LogPart, PartNumber
from .log_slices import KEY

type BolusPart = tuple[int, int, bool]
"""Sequence group and id of a bolus, and which part of it."""


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
    cache, parts = log.cache, log.parts
    started, completed = log.of_parts(_started), log.of_parts(_completed)
    every = frozenset[BolusPart]().union(*completed)
    found = [
        cache.get_or_compute("signs", part.number, (part, of_part & every), _signs)
        for part, of_part in zip(parts, started, strict=True)
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


def _started(log: PartLog) -> frozenset[BolusPart]:
    return frozenset(map(_bolus_part, log.of(BolusStarted)))


def _completed(log: PartLog) -> frozenset[BolusPart]:
    return frozenset(
        _bolus_part(event)
        for event in log.of(BolusEnded)
        if event.completion is Completion.COMPLETED
    )


def _bolus_part(event: BolusStarted | BolusEnded) -> BolusPart:
    return event.group, event.bolus_id, event.extended


def _signs(part: LogPart, completed: Iterable[BolusPart]) -> DeliverySigns:
    """Return the signs of a part of the log; these parts of boluses were given as they were asked for."""
    boluses = (one for one in part.of(BolusStarted) if _bolus_part(one) in completed)
    return DeliverySigns(
        tuple(
            sorted(
                (
                    *part.where(_shows_delivery, BasalDelivery, DeliveryResumed),
                    *boluses,
                ),
                key=KEY,
            )
        ),
        tuple(one.key for one in part.of(DeliverySuspended)),
    )


def _shows_delivery(event: PumpEvent) -> bool:
    match event:
        case DeliveryResumed():
            return True
        case BasalDelivery(rate=rate, source=source):
            return rate > 0 and source is not BasalSource.SUSPENDED
        case _:
            return False
