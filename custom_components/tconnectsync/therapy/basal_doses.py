"""Doses of basal insulin (558, 559) by where in the log they began."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    DoseDelivered,
    DoseStarted,
    EventKey,
)

from .basal_segment import OVERDUE
from .event_log import DatedPart, EventLog
from .log_gaps import LogGap
from .log_parts import PartNumber, part_number

type Dose = tuple[DoseDelivered, float | None]
"""What was delivered, and the profile rate (U/h)."""
type Begun = tuple[tuple[DoseStarted, datetime], ...]
"""Doses of which no end is known, with the instant each began (UTC)."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What else is reported of the basal insulin of one part of the log."""

    doses: Mapping[EventKey, Dose]
    """Those that began in it."""
    first_dose: EventKey | None
    """From where on doses tell what flows, None where that is later or never."""
    first_periodic: EventKey | None
    """From where on doses or rates tell it every five minutes."""
    may_have_run_until: Mapping[EventKey, datetime] = field(default_factory=dict)
    """By where the pump came on again in it until when it may have run before (UTC)."""
    log_gaps: Sequence[LogGap] = ()
    """Those that it goes on behind."""


@dataclass(frozen=True, slots=True)
class _Doses:
    """The doses whose end one part of the log tells, and those it leaves without one."""

    ended: Mapping[PartNumber, Mapping[EventKey, Dose]]
    """By the part and the place in which they began."""
    begun: Begun


def doses_by_part(log: EventLog) -> Mapping[PartNumber, Mapping[EventKey, Dose]]:
    """Return every dose by the part of the log and the place at which it began, else ended."""
    found: defaultdict[PartNumber, list[Mapping[EventKey, Dose]]] = defaultdict(list)
    begun: Begun = ()
    for part in log.dated_parts:
        doses = part.result(_doses, begun)
        begun = doses.begun
        for number, ended in doses.ended.items():
            found[number].append(ended)
    return {
        number: log.cache.get_or_compute("doses", number, tuple(pieces), _joined)
        for number, pieces in found.items()
    }


def first_periodic(
    log: EventLog, doses: Mapping[PartNumber, Mapping[EventKey, Dose]]
) -> EventKey | None:
    """Return from where on doses or rates report every five minutes what flows, None where none do."""
    first_dose = min(doses[min(doses)]) if doses else None
    rates = (part.of(BasalDelivery) for part in log.parts)
    first_rate = next((of_part[0].key for of_part in rates if of_part), None)
    return min(filter(None, (first_dose, first_rate)), default=None)


def _joined(*pieces: Mapping[EventKey, Dose]) -> Mapping[EventKey, Dose]:
    return {key: dose for piece in pieces for key, dose in piece.items()}


def _doses(log: DatedPart, before: Begun) -> _Doses:
    begun = {start.dose_id: (start, at) for start, at in before}
    ended: defaultdict[PartNumber, dict[EventKey, Dose]] = defaultdict(dict)
    events: Iterable[DoseStarted | DoseDelivered] = log.of(DoseStarted, DoseDelivered)
    for event in events:
        if isinstance(event, DoseStarted):
            begun[event.dose_id] = event, log.at(event)
            continue
        start, at = begun.pop(event.dose_id, (None, None))
        if start and at and abs(log.at(event) - at) <= OVERDUE:
            ended[part_number(start.key)][start.key] = event, start.profile_rate
        else:
            ended[part_number(event.key)][event.key] = event, None
    return _Doses(ended, tuple(begun.values()))
