"""What happened between two instants, however long ago."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from custom_components.tconnectsync.coordinator import TconnectsyncCoordinator
from custom_components.tconnectsync.dashboard.history_json import history_json
from custom_components.tconnectsync.therapy.history import History

from .past_days import past_days

ONE_DAY = timedelta(days=1)


async def history_between(
    coordinator: TconnectsyncCoordinator,
    start: datetime,
    end: datetime,
    kinds: Collection[str],
) -> dict[str, Any]:
    """Return the records of these kinds from one instant until before another, oldest first.

    Days that are no longer kept are read. Raises any of the errors of tandem.errors.
    """
    data, zone, run = coordinator.data, coordinator.zone, coordinator.store.run
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(history: History, whole_after: date) -> None:
        told = history_json(history, start, end, whole_after=whole_after, kinds=kinds)
        for kind, records in told.items():
            found[kind] += records

    first = start.astimezone(zone).date() - ONE_DAY
    last = min(end.astimezone(zone).date() + ONE_DAY, data.whole_after)
    if first <= last:
        async for stretch in past_days(
            coordinator.reader, coordinator.store, data.pumper, zone, (first, last)
        ):
            for history in stretch.histories.values():
                within = _up_to(history, stretch.last)
                await run(add, within, stretch.first - ONE_DAY)
    for history in data.histories.values():
        await run(add, history, data.whole_after)
    return {kind: sorted(found[kind], key=_start) for kind in kinds}


def _up_to(history: History, last: date) -> History:
    """Return what began up to a pump day."""
    records: dict[str, Any] = {
        field.name: tuple(
            record for record in getattr(history, field.name) if record.day <= last
        )
        for field in fields(history)
        if not field.name.startswith("newest")
    }
    return replace(history, **records)


def _start(record: dict[str, Any]) -> str:
    began: str = record.get("time") or record["start"]
    return began
