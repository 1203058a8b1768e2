"""What a report is made of: the days that are kept, and those before that are read once more."""

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
"""How many days a report may be of."""

type OnProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """A report and the histories it is made of, of every pump worn."""

    report: Report
    in_use: History
    """One of them, or empty."""
    histories: list[History]
    clock_doubtful: bool
    """Whether the clock of the pump in use may be wrong, and its last days with it."""


async def report_of(
    data: PumpData,
    reader: AccountReader,
    store: AccountStore,
    zone: ZoneInfo,
    *,
    days: int,
    on_progress: OnProgress = lambda share: None,
) -> ReportData | None:
    """Return the report of so many days by Home Assistant's clock; None while nothing is known.

    Days that are no longer kept are read, and which share of them has been is told meanwhile; the
    zone is the pump clock's. Raises any of the errors of tandem.errors.
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
            async for past in older:
                for serial_number, history in past.histories.items():
                    part = await store.run(within_days, history, past.first, past.last)
                    parts[serial_number].append(part)
                on_progress(((past.last - first).days + 1) / ((last - first).days + 1))
    if data.complete_after < date.max:
        kept_from = data.complete_after + ONE_DAY
        for serial_number, history in data.histories.items():
            kept = await store.run(within_days, history, kept_from, date.max)
            parts[serial_number].append(kept)
    return await store.run(_made, parts, days, data)


def _made(
    parts: Mapping[str, list[History]], days: int, data: PumpData
) -> ReportData | None:
    by_pump = {serial_number: joined(of_one) for serial_number, of_one in parts.items()}
    histories = [*by_pump.values()]
    made = build_report(
        histories,
        dt_util.get_default_time_zone(),
        days,
        *data.glucose_limits,
        delivery_uncertain_until=data.state.delivery_uncertain_until,
    )
    if made is None:
        return None
    return ReportData(
        report=made,
        in_use=by_pump.get(data.pump.serial_number if data.pump else "", History()),
        histories=histories,
        clock_doubtful=data.history.clock_doubtful,
    )
