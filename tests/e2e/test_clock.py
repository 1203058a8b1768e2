"""Days on the card are those of the user's zone, anywhere and at any time of the year."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page
import pytest

from .harness import Harness, Wearer

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
]
ONE_DAY = timedelta(days=1)
YEAR = [date(2026, 1, 1) + day * ONE_DAY for day in range(365)]
DAYS = """async ([zone, keys]) => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const { Clock } = await import(loaded.find((name) => name.endsWith("/clock.js")));
  const clock = new Clock(zone);
  return keys.map((key) => {
    const start = clock.dayStart(key);
    return [start, clock.dayKey(start), clock.dayKey(start - 1), clock.dayAfter(key, 1)];
  });
}"""


async def days(page: Page, zone: str | None) -> list[list[object]]:
    """Return for each day its start, the days at that instant and before, and the next day."""
    await page.evaluate("customElements.whenDefined('tconnectsync-card').then(() => 1)")
    found: list[list[object]] = await page.evaluate(
        DAYS, [zone, [day.isoformat() for day in YEAR]]
    )
    return found


def expected(zone: str) -> list[list[object]]:
    """Return the same from Python's own time zones."""
    return [
        [
            datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000,
            day.isoformat(),
            (day - ONE_DAY).isoformat(),
            (day + ONE_DAY).isoformat(),
        ]
        for day in YEAR
    ]


async def test_days_of_home_assistant(harness: Harness, wearer: Wearer) -> None:
    """Each day of a year starts when it does there, with changes of the clock."""
    page = await harness.open("config", timezone_id="Asia/Tokyo")
    for zone in ZONES:
        assert await days(page, zone) == expected(zone), zone


@pytest.mark.parametrize("zone", ["America/Santiago", "Australia/Lord_Howe"])
async def test_days_of_the_browser(harness: Harness, wearer: Wearer, zone: str) -> None:
    """With the browser's own time the days are those of the browser."""
    page = await harness.open("config", timezone_id=zone)
    assert await days(page, None) == expected(zone)
