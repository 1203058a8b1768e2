"""Every bolus of a pump's log, as far as it is known."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from .bolus_inputs import (
    BolusContext,
    BolusContexts,
    BolusName,
    PartBoluses,
    part_boluses,
)
from .bolus_joining import joined
from .bolus_record import bolus_of
from .event_log import EventLog
from .records import Bolus
from .result_cache import ResultCache
from .timeline import Records, Timeline

ENTERED_AGAIN_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _PartRecords:
    """The records of the boluses that began in one part of the log, in the order of their first messages."""

    boluses: Timeline[Bolus]
    undelivered: tuple[int, ...]
    """Indices of those that may have had carbs and delivered nothing."""


type _Part = tuple[PartBoluses, _PartRecords]


def boluses(log: EventLog) -> Records[Bolus]:
    """Return every requested bolus in the order of the log (U, g, mg/dL, UTC); carbs entered again count once.

    The boluses that began in one part of the log are computed again only where their inputs change.
    """
    contexts, cache = BolusContexts(log), log.cache
    name_counts: dict[BolusName, int] = {}
    parts: list[_Part] = []
    for number, messages in joined(log):
        part = cache.get_or_compute("bolus_messages", number, (messages,), part_boluses)
        shared = part.counts.keys() & name_counts.keys()
        earlier_counts = {name: name_counts[name] for name in shared}
        inputs = part, earlier_counts, contexts.of(part), cache
        records = cache.get_or_compute("boluses", number, inputs, _part_records)
        parts.append((part, records))
        name_counts |= part.counts
        for name, count in earlier_counts.items():
            name_counts[name] += count
    return Records(_without_reentered_carbs(parts, cache))


def _part_records(
    part: PartBoluses,
    earlier_counts: Mapping[BolusName, int],
    context: BolusContext,
    cache: ResultCache,
) -> _PartRecords:
    """Return the boluses of a part of the log; each one is cached by its own inputs."""
    counts, records = Counter(earlier_counts), []
    for messages, name in zip(part.boluses, part.names, strict=True):
        counts[name] += 1
        inputs = context.inputs_of(messages), counts[name]
        key = messages.all[0].key
        records.append(cache.get_or_compute("bolus", key, inputs, bolus_of))
    return _PartRecords(
        Timeline(records),
        tuple(
            index for index, bolus in enumerate(records) if _delivered_nothing(bolus)
        ),
    )


def _delivered_nothing(bolus: Bolus) -> bool:
    return bool(
        bolus.requested
        and bolus.carbs != 0
        and not bolus.in_progress
        and not bolus.delivered
        and not bolus.start_lost_at
    )


def _without_reentered_carbs(
    parts: Sequence[_Part], cache: ResultCache
) -> Iterator[Timeline[Bolus]]:
    """Yield the boluses of each part; carbs of an undelivered bolus that were entered again are dropped."""
    for index, (part, records) in enumerate(parts):
        timeline = records.boluses
        if entered_again := tuple(_carbs_entered_again(parts[index:])):
            timeline = cache.get_or_compute(
                "boluses_without_reentered_carbs",
                part.first,
                (timeline, entered_again),
                _without_carbs,
            )
        yield timeline


def _carbs_entered_again(parts: Sequence[_Part]) -> Iterator[int]:
    """Yield the indices of the boluses of the first part whose carbs were entered again for a later one."""
    part, records = parts[0]
    for index in records.undelivered:
        later = (
            bolus
            for later_part, later_records in parts
            for bolus in zip(
                later_part.first_messages_at,
                later_records.boluses.records,
                strict=True,
            )
        )
        requested_at = part.first_messages_at[index]
        if _is_entered_again(requested_at, islice(later, index + 1, None)):
            yield index


def _is_entered_again(
    requested_at: datetime, later: Iterable[tuple[datetime, Bolus]]
) -> bool:
    """Return whether a bolus with carbs was requested soon after an undelivered one."""
    for later_requested_at, bolus in later:
        if later_requested_at - requested_at > ENTERED_AGAIN_WITHIN:
            return False
        if bolus.carbs:
            return True
    return False


def _without_carbs(
    boluses: Timeline[Bolus], indices: Container[int]
) -> Timeline[Bolus]:
    return Timeline(
        replace(bolus, carbs=0) if index in indices else bolus
        for index, bolus in enumerate(boluses.records)
    )
