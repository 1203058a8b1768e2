"""The data of a report: from stored days, and from older days that are read again."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.read.account_reader import AccountReader
from custom_components.tconnectsync.read.older_days import older_days
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.therapy.history import History, newest_of
from custom_components.tconnectsync.therapy.history_joining import joined, within_days
from custom_components.tconnectsync.therapy.report import Report, build_report
from homeassistant.util import dt as dt_util

DAYS = (14, 30, 90)
"""The possible lengths of a report in days."""

type OnProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """A report and the histories of every pump in it."""

    report: Report
    in_use: History
    """The history of the pump in use, empty if it has none."""
    histories: Mapping[str, History]
    """By serial number."""
    clock_doubtful: bool
    """Whether the clock of the pump in use may be wrong, and with it the last days."""


async def report_of(
    data: PumpData,
    reader: AccountReader,
    store: AccountStore,
    zone: ZoneInfo,
    *,
    days: int,
    on_progress: OnProgress = lambda share: None,
) -> ReportData | None:
    """Return the report of the last `days` by Home Assistant's clock, None without any events.

    Days that are no longer stored are read from Tandem, and `on_progress` is called with the share
    that has been read; the zone is that of the pump's clock. Raises any of the errors of tandem.errors.
    """
    newest = newest_of(data.histories.values())
    if newest is None:
        return None
    home = dt_util.get_default_time_zone()
    parts: defaultdict[str, list[History]] = defaultdict(list)
    last_day = newest.astimezone(home).date()
    first = last_day - timedelta(days=days)
    last = min(last_day, data.complete_after)
    if first <= last:
        span = (first, last)
        async with aclosing(
            older_days(reader, store, data.pumper, zone, span, shared=True)
        ) as older:
            async for complete in older:
                for serial_number, history in complete.histories.items():
                    part = await store.run(
                        within_days, history, complete.first, complete.last
                    )
                    parts[serial_number].append(part)
                on_progress(
                    ((complete.last - first).days + 1) / ((last - first).days + 1)
                )
    if data.complete_after < date.max:
        stored_from = data.complete_after + ONE_DAY
        for serial_number, history in data.histories.items():
            part = await store.run(within_days, history, stored_from, date.max)
            parts[serial_number].append(part)
    return await store.run(_build, parts, days, data)


def _build(
    parts: Mapping[str, list[History]], days: int, data: PumpData
) -> ReportData | None:
    by_pump = {
        serial_number: joined(of_pump) for serial_number, of_pump in parts.items()
    }
    built = build_report(
        [*by_pump.values()],
        dt_util.get_default_time_zone(),
        days,
        *data.glucose_limits,
        delivery_uncertain_until=data.state.delivery_uncertain_until,
    )
    if built is None:
        return None
    return ReportData(
        report=built,
        in_use=by_pump.get(data.pump.serial_number if data.pump else "", History()),
        histories=by_pump,
        clock_doubtful=data.history.clock_doubtful,
    )
