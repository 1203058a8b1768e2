"""What happened between two instants, however long ago."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import aclosing
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.glucose_unit import MG_DL
from custom_components.tconnectsync.instants import ONE_DAY, iso
from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.older_days import older_days
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.history_joining import within_days
from custom_components.tconnectsync.therapy.spans import Span

from .glucose_json import in_glucose_unit
from .history_json import history_json, in_order_of_time, taken_off
from .known_times import gaps, times_known


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
) -> dict[str, Any]:
    """Return the records of these kinds from one instant until before another, oldest first.

    Also until when anything is known, whether the pump's clock may be wrong, and the gaps in what is known. Days that are no longer kept
    are read; the zone is the pump clock's. Raises any of the errors of tandem.errors.
    """
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    known_times: list[Span] = []

    def add(history: History, complete_after: date) -> None:
        by_kind = history_json(
            history, start, end, complete_after=complete_after, kinds=kinds
        )
        for kind, records in by_kind.items():
            found[kind] += records
        known_times.extend(times_known(history, complete_after))

    in_use = data.pump.serial_number if data.pump else None
    first = start.astimezone(zone).date() - ONE_DAY
    last = min(end.astimezone(zone).date() + ONE_DAY, data.complete_after)
    if first <= last:
        span = (first, last)
        async with aclosing(
            older_days(reader, store, data.pumper, zone, span, shared=True)
        ) as older:
            async for days in older:
                for serial_number, history in days.histories.items():
                    within = within_days(history, date.min, days.last)
                    is_over = serial_number in days.ended and serial_number != in_use
                    known = taken_off(within) if is_over else within
                    await store.run(add, known, days.first - ONE_DAY)
    for history in data.histories.values():
        known = history if history is data.history else taken_off(history)
        await store.run(add, known, data.complete_after)
    newest = max(
        filter(None, (history.newest for history in data.histories.values())),
        default=None,
    )
    doubtful = data.history.clock_doubtful
    return {
        "known_until": iso(min(newest, end) if newest and not doubtful else None),
        "clock_doubtful": doubtful,
        "gaps": [
            {"start": iso(begin), "end": iso(until)}
            for begin, until in gaps(known_times, start, end)
        ],
        **{
            kind: in_glucose_unit(in_order_of_time(found[kind]), glucose_unit)
            for kind in kinds
        },
    }
