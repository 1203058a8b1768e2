"""The records of a span of time as JSON, by kind."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from custom_components.tconnectsync.instants import FAR_FUTURE
from custom_components.tconnectsync.therapy.ended_history import ended_history
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    ActivitySpan,
    BasalGap,
    BasalSegment,
    Bolus,
    Record,
    Suspension,
)

from .record_json import KINDS, Json
from .shared_readings import with_readings_once


def histories_json(
    in_use: History,
    histories: Mapping[str, History],
    start: datetime,
    end: datetime | None,
    *,
    complete_after: date,
    kinds: Collection[str] = tuple(KINDS),
) -> dict[str, list[Json]]:
    """Return the records of the pump in use and of the others, as history_json does for one.

    The histories are by serial number. A reading that several pumps got of one sensor is in it once.
    """
    all_records: dict[str, list[Json]] = {kind: [] for kind in KINDS if kind in kinds}
    once = with_readings_once(histories, start, end)
    of_pump_in_use = next(
        (once[number] for number, history in histories.items() if history is in_use),
        in_use,
    )
    others = (
        ended_history(once[number])
        for number, history in histories.items()
        if history is not in_use
    )
    for history in (of_pump_in_use, *others):
        by_kind = history_json(
            history, start, end, complete_after=complete_after, kinds=kinds
        )
        for kind, records in by_kind.items():
            all_records[kind] += records
    return {kind: sorted_by_start(records) for kind, records in all_records.items()}


def sorted_by_start(records: Iterable[Json]) -> list[Json]:
    """Return records sorted by their start; those of one instant keep their order."""
    return sorted(records, key=lambda record: record.get("time") or record["start"])


def history_json(
    history: History,
    start: datetime,
    end: datetime | None,
    *,
    complete_after: date,
    kinds: Collection[str] = tuple(KINDS),
) -> dict[str, list[Json]]:
    """Return the records from `start` until before `end`, by kind, in the order of time.

    A record with a duration counts if it reaches into the span. Records of the pump day
    `complete_after` and earlier ones are left out, because their events are not stored completely.
    """

    def in_span_of(records: Iterable[Record]) -> list[Record]:
        in_span = [
            record
            for record in records
            if (end is None or record.start < end)
            and (record.start >= start or _last_instant(record) > start)
            and record.day > complete_after
        ]
        return sorted(in_span, key=lambda record: record.start)

    return {
        kind: [to_json(record) for record in in_span_of(records(history))]
        for kind, (records, to_json) in KINDS.items()
        if kind in kinds
    }


def _last_instant(record: Record) -> datetime:
    """Return the end of a record, far in the future where it has started and not ended."""
    match record:
        case BasalSegment() | Suspension() | BasalGap():
            return record.end
        case Bolus(in_progress=True) | ActivitySpan(end=None):
            return FAR_FUTURE
        case Bolus(end=datetime() as end) | ActivitySpan(end=datetime() as end):
            return end
        case Bolus():
            return max((part.end for part in record.deliveries), default=record.start)
        case _:
            return record.start
