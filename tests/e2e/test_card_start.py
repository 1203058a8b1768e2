"""The card is there however late Home Assistant's own code arrives."""

import asyncio
import re

from playwright.async_api import Page, Route, expect

from .harness import Harness, Wearer

SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
"""1.6 Mbit/s, as browsers call a slow mobile line."""
APP = re.compile(r"/frontend_latest/app\.[^/]*js$")
APP_LATE_SECONDS = 3
FIRST_OPENING_MS = 90_000
"""Home Assistant's pages alone take half a minute over such a line."""


async def shows_a_picture(page: Page) -> None:
    """See that the dashboard shows the card's picture, and no error in its place."""
    card = page.locator("tconnectsync-card")
    await expect(card.locator(".plot svg")).to_be_visible(timeout=FIRST_OPENING_MS)
    await expect(page.locator("hui-error-card")).to_have_count(0)


async def delay_the_app(route: Route) -> None:
    """Hold back what defines Home Assistant itself, so that the card comes first."""
    await asyncio.sleep(APP_LATE_SECONDS)
    await route.continue_()


async def test_it_is_there_when_home_assistant_comes_late(
    harness: Harness, wearer: Wearer
) -> None:
    """The card's own code may be in the browser's cache long before Home Assistant's arrives."""
    page = await harness.open("the-day/0")
    await shows_a_picture(page)
    held: list[str] = []
    page.on("request", lambda request: held.append(request.url))
    await page.route(APP, delay_the_app)
    for _ in range(2):
        await page.reload()
        await shows_a_picture(page)
    assert sum(bool(APP.search(url)) for url in held) == 2


async def test_it_is_there_over_a_slow_line(harness: Harness, wearer: Wearer) -> None:
    """The first opening over a phone's line shows it without a reload."""
    page = await harness.open("config")
    session = await page.context.new_cdp_session(page)
    await session.send("Network.clearBrowserCache")
    await session.send("Network.emulateNetworkConditions", SLOW_LINE)
    await page.goto(f"{harness.url}/the-day/0", timeout=FIRST_OPENING_MS)
    await shows_a_picture(page)
