"""The zone in which it is eleven in the morning, so that every day looks the same at any time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR = 11
"""The hour, long after breakfast and before lunch: there are no meals but those of a test."""
WITHOUT_SUMMER_TIME = (
    "Pacific/Pago_Pago",
    "Pacific/Honolulu",
    "Pacific/Gambier",
    "Pacific/Pitcairn",
    "America/Phoenix",
    "America/Costa_Rica",
    "America/Bogota",
    "America/Puerto_Rico",
    "America/Cayenne",
    "America/Noronha",
    "Atlantic/Cape_Verde",
    "Africa/Abidjan",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Brisbane",
    "Pacific/Guadalcanal",
    "Pacific/Tarawa",
)
"""One zone for each hour of the day."""


def zone_in_the_morning(now: datetime) -> str:
    """Return the zone in which it is eleven at an instant."""
    return next(
        zone
        for zone in WITHOUT_SUMMER_TIME
        if now.astimezone(ZoneInfo(zone)).hour == HOUR
    )


def midnight_before(days: timedelta, zone: str) -> datetime:
    """Return the midnight in a zone at which the day this many days ago started."""
    day = datetime.now(ZoneInfo(zone)) - days
    return day.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
