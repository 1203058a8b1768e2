"""The history between two instants, however long ago."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import aclosing
from datetime import date, datetime
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.glucose_unit import MG_DL
from custom_components.tconnectsync.instants import ONE_DAY, iso
from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.older_days import older_days
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.therapy.ended_history import ended_history
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.history_joining import within_days
from custom_components.tconnectsync.therapy.spans import Span

from .glucose_json import in_glucose_unit
from .history_json import history_json, sorted_by_start
from .known_times import gaps, known_spans
from .record_json import Json
from .shared_readings import with_readings_once


async def history_between(
    data: PumpData,
    reader: AccountReader,
    store: AccountStore,
    zone: ZoneInfo,
    *,
    start: datetime,
    end: datetime,
    kinds: Collection[str],
    glucose_unit: str = MG_DL,
) -> Json:
    """Return the records of these kinds from one instant until before another, oldest first.

    The answer also contains until when records are known, whether the pump's clock may be wrong, and the
    gaps between known times. Days that are no longer stored are read from Tandem; the zone is that
    of the pump's clock. Raises any of the errors of tandem.errors.
    """
    records_by_kind: defaultdict[str, list[Json]] = defaultdict(list)
    known: list[Span] = []

    def add(history: History, complete_after: date) -> None:
        by_kind = history_json(
            history, start, end, complete_after=complete_after, kinds=kinds
        )
        for kind, records in by_kind.items():
            records_by_kind[kind] += records
        known.extend(known_spans(history, complete_after))

    in_use = data.pump.serial_number if data.pump else None
    first = start.astimezone(zone).date() - ONE_DAY
    last = min(end.astimezone(zone).date() + ONE_DAY, data.complete_after)
    if first <= last:
        span = (first, last)
        async with aclosing(
            older_days(reader, store, data.pumper, zone, span, shared=True)
        ) as older:
            async for days in older:
                once = await store.run(with_readings_once, days.histories, start, end)
                for serial_number, history in once.items():
                    within = within_days(history, date.min, days.last)
                    is_over = serial_number in days.ended and serial_number != in_use
                    part = ended_history(within) if is_over else within
                    await store.run(add, part, days.first - ONE_DAY)
    once = await store.run(with_readings_once, data.histories, start, end)
    for serial_number, history in once.items():
        is_in_use = data.histories[serial_number] is data.history
        part = history if is_in_use else ended_history(history)
        await store.run(add, part, data.complete_after)
    newest = max(
        filter(None, (history.newest for history in data.histories.values())),
        default=None,
    )
    clock_doubtful = data.history.clock_doubtful
    return {
        "known_until": iso(min(newest, end) if newest and not clock_doubtful else None),
        "clock_doubtful": clock_doubtful,
        "gaps": [
            {"start": iso(gap_start), "end": iso(gap_end)}
            for gap_start, gap_end in gaps(known, start, end)
        ],
        **{
            kind: in_glucose_unit(sorted_by_start(records_by_kind[kind]), glucose_unit)
            for kind in kinds
        },
    }
