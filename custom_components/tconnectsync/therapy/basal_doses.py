"""Doses of basal insulin (558, 559) by the place in the log where they began."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    DoseDelivered,
    DoseStarted,
    EventKey,
)

from .basal_segment import REPORT_OVERDUE_AFTER
from .event_log import DatedPart, EventLog
from .log_parts import PartNumber, part_number

type Dose = tuple[DoseDelivered, float | None]
"""A delivered dose, and the profile rate (U/h)."""
type Started = tuple[tuple[DoseStarted, datetime], ...]
"""Doses without a known end, each with the instant it began (UTC)."""


@dataclass(frozen=True, slots=True)
class _Doses:
    """The doses that ended in one part of the log, and those that have not ended by then."""

    ended: Mapping[PartNumber, Mapping[EventKey, Dose]]
    """By the part and the key at which they began."""
    started: Started


def doses_by_part(log: EventLog) -> Mapping[PartNumber, Mapping[EventKey, Dose]]:
    """Return every dose (U) by the part of the log and the key at which it began, or else ended."""
    by_part: defaultdict[PartNumber, list[Mapping[EventKey, Dose]]] = defaultdict(list)
    started: Started = ()
    for part in log.dated_parts:
        doses = part.result(_doses, started)
        started = doses.started
        for number, ended in doses.ended.items():
            by_part[number].append(ended)
    return {
        number: log.cache.get_or_compute("doses", number, tuple(of_part), _joined)
        for number, of_part in by_part.items()
    }


def first_periodic(
    log: EventLog, doses: Mapping[PartNumber, Mapping[EventKey, Dose]]
) -> EventKey | None:
    """Return from where on doses or rates report delivery every five minutes, None where none do."""
    first_dose = min(doses[min(doses)]) if doses else None
    rates = (part.of(BasalDelivery) for part in log.parts)
    first_rate = next((of_part[0].key for of_part in rates if of_part), None)
    return min(filter(None, (first_dose, first_rate)), default=None)


def _joined(*groups: Mapping[EventKey, Dose]) -> Mapping[EventKey, Dose]:
    return {key: dose for group in groups for key, dose in group.items()}


def _doses(log: DatedPart, before: Started) -> _Doses:
    started = {start.dose_id: (start, at) for start, at in before}
    ended: defaultdict[PartNumber, dict[EventKey, Dose]] = defaultdict(dict)
    events: Iterable[DoseStarted | DoseDelivered] = log.of(DoseStarted, DoseDelivered)
    for event in events:
        if isinstance(event, DoseStarted):
            started[event.dose_id] = event, log.at(event)
            continue
        start, at = started.pop(event.dose_id, (None, None))
        if start and at and abs(log.at(event) - at) <= REPORT_OVERDUE_AFTER:
            ended[part_number(start.key)][start.key] = event, start.profile_rate
        else:
            ended[part_number(event.key)][event.key] = event, None
    return _Doses(ended, tuple(started.values()))
