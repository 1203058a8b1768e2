"""Doses of basal insulin (558, 559) by where in the log they began."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from custom_components.tconnectsync.tandem.event_types import (
    DoseDelivered,
    DoseStarted,
    EventKey,
)

from .basal_gaps import OVERDUE
from .event_log import EventLog, PartLog
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
    ran_until: Mapping[EventKey, datetime]
    """By where the pump came on again in it until when it may have run before (UTC)."""


@dataclass(frozen=True, slots=True)
class _Doses:
    """The doses whose end one part of the log tells, and those it leaves without one."""

    ended: Mapping[EventKey, Dose]
    begun: Begun


def doses_by_part(log: EventLog) -> Mapping[PartNumber, Mapping[EventKey, Dose]]:
    """Return every dose by the part of the log and the place at which it began, else ended."""
    found: defaultdict[PartNumber, dict[EventKey, Dose]] = defaultdict(dict)
    begun: Begun = ()
    for part in log.dated_parts:
        doses = part.result(_doses, begun)
        begun = doses.begun
        for key, dose in doses.ended.items():
            found[part_number(key)][key] = dose
    return found


def _doses(log: PartLog, before: Begun) -> _Doses:
    begun = {start.dose_id: (start, at) for start, at in before}
    ended: dict[EventKey, Dose] = {}
    events: Iterable[DoseStarted | DoseDelivered] = log.of(DoseStarted, DoseDelivered)
    for event in events:
        if isinstance(event, DoseStarted):
            begun[event.dose_id] = event, log.at(event)
            continue
        start, at = begun.pop(event.dose_id, (None, None))
        if start and at and abs(log.at(event) - at) <= OVERDUE:
            ended[start.key] = event, start.profile_rate
        else:
            ended[event.key] = event, None
    return _Doses(ended, tuple(begun.values()))
