"""How old something may be and still be news."""

from datetime import datetime, timedelta

OLDEST_NEWS = timedelta(hours=24)


def is_news(now: datetime, happened: datetime) -> bool:
    """Return whether events and triggers still fire for what happened then."""
    return now - happened <= OLDEST_NEWS
