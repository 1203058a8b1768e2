"""Updates of the statistics from the first hour that changed data reaches into."""

from datetime import date, datetime
from functools import partial

from .instants import ONE_DAY
from .read.days_to_read import USUALLY_LATE
from .read.pump_data import PumpData
from .statistics_import import TrueTimeStatistics
from .storage.account_store import AccountStore
from .therapy.hourly_figures import first_complete_hour, hours
from .therapy.result_cache import ResultCache


async def async_write_changed_hours(
    store: AccountStore,
    statistics: TrueTimeStatistics,
    data: PumpData,
    changed_from: date,
    cache: ResultCache,
) -> bool:
    """Write the hours that a changed pump day and its neighbours reach into; return whether all are written.

    Hours of days that did not change since the last write are taken from `cache`.
    """
    complete_after = _complete_after(data)
    first = _first_hour(data, complete_after, changed_from)
    if first is None:
        return False
    changed_hours = await store.run(
        partial(
            hours,
            data.histories.values(),
            first,
            insulin_duration=data.insulin_duration,
            cache=cache,
        )
    )
    written = await statistics.async_write(changed_hours, first)
    return written and complete_after == data.complete_after


def _complete_after(data: PumpData) -> date:
    """Return the pump day after which the logs of all pumps are read, former pumps included."""
    if data.unread_until is None:
        return data.complete_after
    return max(data.complete_after, (data.unread_until + ONE_DAY).date())


def _first_hour(
    data: PumpData, complete_after: date, changed_from: date
) -> datetime | None:
    """Return the first completely known hour (UTC) that the changed day reaches into."""
    earlier = changed_from if changed_from == date.min else changed_from - USUALLY_LATE
    return first_complete_hour(data.histories.values(), max(complete_after, earlier))
