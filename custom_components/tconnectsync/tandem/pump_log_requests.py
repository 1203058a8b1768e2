"""The requests for a pump's log: the days of each, and its query."""

from collections.abc import Iterator
from datetime import date, timedelta

from .http import TandemResponse, refused_keys
from .requested_codes import WEB_PAGE_CODES

MAX_DAYS_PER_REQUEST = 3


def requested_days(first_day: date, last_day: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last pump day of each request that a span of days needs, oldest first."""
    while first_day <= last_day:
        until = min(first_day + timedelta(days=MAX_DAYS_PER_REQUEST - 1), last_day)
        yield first_day, until
        first_day = until + timedelta(days=1)


def pump_log_query(
    first_day: date, last_day: date, *, with_codes: bool
) -> dict[str, str]:
    """Return the query of a request; without a list of codes Tandem returns every event."""
    query = {
        "startDate": f"{first_day.isoformat()}T00:00:00Z",
        "endDate": f"{last_day.isoformat()}T23:59:59Z",
    }
    if with_codes:
        query["eventCodes"] = ",".join(map(str, WEB_PAGE_CODES))
    return query


def is_about_codes(response: TandemResponse) -> bool:
    """Return whether a query may have been rejected because it has, or lacks, a list of event codes."""
    names = refused_keys(response)
    return not names or "eventCodes" in names
