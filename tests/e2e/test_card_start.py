"""The card appears however late Home Assistant's own code arrives."""

import asyncio
import re

from playwright.async_api import Page, Route, WebSocketRoute, expect

from .harness import Harness, Wearer

SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
"""1.6 Mbit/s, which browsers call a slow mobile line."""
APP = re.compile(r"/frontend_latest/app\.[^/]*js$")
REST = re.compile(r"/tconnectsync/[^/]+/later_card\.js$")
"""Parts that are loaded after the first picture."""
APP_LATE_SECONDS = 3
FIRST_OPENING_MS = 90_000
"""Timeout: Home Assistant's pages alone take half a minute over such a line."""


async def shows_a_picture(page: Page) -> None:
    """Check that the dashboard shows the card's picture, and no error in its place."""
    card = page.locator("tconnectsync-card")
    await expect(card.locator(".plot svg")).to_be_visible(timeout=FIRST_OPENING_MS)
    await expect(page.locator("hui-error-card")).to_have_count(0)


def expect_lost_files(harness: Harness) -> None:
    """Remove the browser's own messages about missing files from the console."""
    harness.said[:] = [one for one in harness.said if "ERR_FAILED" not in one]


async def delay_the_app(route: Route) -> None:
    """Delay Home Assistant's main code, so that the card is loaded first."""
    await asyncio.sleep(APP_LATE_SECONDS)
    await route.continue_()


async def test_it_is_there_when_home_assistant_comes_late(
    harness: Harness, wearer: Wearer
) -> None:
    """The card's code may be cached long before Home Assistant's arrives."""
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
    """The first visit over a phone's line shows the card without a reload."""
    page = await harness.open("config")
    session = await page.context.new_cdp_session(page)
    await session.send("Network.clearBrowserCache")
    await session.send("Network.emulateNetworkConditions", SLOW_LINE)
    await page.goto(f"{harness.url}/the-day/0", timeout=FIRST_OPENING_MS)
    await shows_a_picture(page)


async def test_what_does_not_come_is_asked_for_again(
    harness: Harness, wearer: Wearer
) -> None:
    """A line that breaks during later parts leaves the first picture, and then the complete one."""
    lost: list[str] = []

    async def lose_twice(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.request.url)
            await route.abort()
        else:
            await route.continue_()

    page = await harness.open("config")
    await page.route(REST, lose_twice)
    await page.goto(f"{harness.url}/the-day/0")
    await shows_a_picture(page)
    card = page.locator("tconnectsync-card")
    await expect(card.locator(".legend span").first).to_be_visible()
    assert len(lost) == 2
    await expect(card.locator(".notice")).to_be_hidden()
    expect_lost_files(harness)


async def test_what_cannot_be_loaded_is_said(harness: Harness, wearer: Wearer) -> None:
    """Values, their age and glucose are shown all the same, and the rest as soon as it is loaded."""
    page = await harness.open("config")
    await page.route(REST, lambda route: route.abort())
    await page.goto(f"{harness.url}/the-day/0")
    await shows_a_picture(page)
    card = page.locator("tconnectsync-card")
    await expect(card.locator(".notice")).to_contain_text("Part of this card")
    await expect(card.locator(".value.glucose b")).to_have_text(re.compile(r"\d+"))
    await expect(card.locator(".age")).to_contain_text("Data ends")
    await expect(card.locator(".glucose .readings")).to_have_count(1)
    await expect(card.locator(".plot .mark")).to_have_count(0)
    await page.unroute(REST)
    await card.evaluate("(card) => card._tick()")
    await expect(card.locator(".plot .mark").first).to_be_visible()
    await expect(card.locator(".notice")).to_be_hidden()
    expect_lost_files(harness)


async def test_that_the_clock_may_be_wrong_is_said_with_the_first_picture(
    harness: Harness, mistimed: Wearer
) -> None:
    """The reason for missing values is shown however late the other parts are loaded."""
    page = await harness.open("config")
    await page.route(REST, lambda route: route.abort())
    await page.goto(f"{harness.url}/the-wrong-clock/0")
    card = page.locator("tconnectsync-card")
    await expect(card.locator(".notice")).to_contain_text("clock may be wrong")
    await expect(card.locator(".value.glucose b")).to_have_text("–")
    await page.unroute(REST)
    expect_lost_files(harness)


async def test_a_card_of_before_an_update_says_so(
    harness: Harness, wearer: Wearer
) -> None:
    """A tablet on a wall may never be reloaded by itself."""

    def answer_as_another(here: WebSocketRoute) -> None:
        there = here.connect_to_server()
        there.on_message(
            lambda said: here.send(
                re.sub(r'"card":"\w+"', '"card":"5eed5eed"', str(said))
            )
        )

    page = await harness.open("the-day/0")
    card = page.locator("tconnectsync-card")
    await shows_a_picture(page)
    await expect(card.locator(".notice")).to_be_hidden()
    await page.route_web_socket(re.compile("/api/websocket"), answer_as_another)
    await page.goto(f"{harness.url}/the-day/0")
    await shows_a_picture(page)
    await expect(card.locator(".notice")).to_have_text(
        "The card was updated: reload the page."
    )
