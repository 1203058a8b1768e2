"""How old what happened once may be and still be news."""

from datetime import datetime, timedelta

OLDEST_NEWS = timedelta(hours=24)


def is_news(now: datetime, happened: datetime) -> bool:
    """Return whether events, and triggers of what happens once, still fire for then.

    Triggers of what lasts go by whether what is known is fresh.
    """
    return now - happened <= OLDEST_NEWS
