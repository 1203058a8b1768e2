"""Actions of a user on Home Assistant's pages and dialogs."""

import asyncio
from collections.abc import Callable
from datetime import date
import re

from playwright.async_api import Locator, Page, expect

from .harness import LOOK_AGAIN_SECONDS, PATIENCE_SECONDS

ENTRY = "config/integrations/integration/tconnectsync"
INK = """(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let ink = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.subarray(i, i + 4);
    if (alpha > 40 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) ink += 1;
  }
  return ink;
}"""
"""Counts the colored points of a picture; axes and words are gray."""
ENOUGH_INK = 300
STATES = """(rows) => {
  const words = (node) => node.nodeType === Node.TEXT_NODE
    ? node.data
    : [...(node.shadowRoot ?? node).childNodes].map(words).join("");
  return rows.map((row) => [row.config.entity, [...row.childNodes].map(words).join("").trim()]);
}"""


def form(page: Page) -> Locator:
    """Return the dialog of a config flow."""
    return page.locator("dialog-data-entry-flow")


async def type_into(dialog: Locator, field: str, text: str) -> None:
    """Replace the text of a field."""
    await dialog.get_by_role("textbox", name=field).fill(text)


async def typed(dialog: Locator, field: str) -> str:
    """Return the text of a field."""
    value: str = await dialog.get_by_role("textbox", name=field).input_value()
    return value


async def send(dialog: Locator, button: str, answer: str) -> None:
    """Press a button and wait for its result."""
    await dialog.get_by_role("button", name=button, exact=True).click()
    await expect(dialog).to_contain_text(answer)


async def close(dialog: Locator, button: str) -> None:
    """Press the last button of a dialog and wait until it is closed."""
    await dialog.get_by_role("button", name=button, exact=True).last.click()
    await expect(dialog.get_by_role("dialog")).to_have_count(0)


async def choose_from_menu(page: Page, item: str) -> None:
    """Open the menu of the entry and choose an item."""
    row = page.locator("ha-config-entry-row")
    await row.get_by_role("button", name="Menu").first.click()
    await row.get_by_role("menuitem", name=item).click()


async def choose_day(page: Page, field: str, day: date) -> None:
    """Choose a day in the calendar of an action's field."""
    row = page.locator("ha-settings-row", has_text=field)
    await row.get_by_role("textbox").click()
    calendar = page.locator("ha-dialog-date-picker")
    shown = calendar.get_by_role("button", name=f"{day:%-d %B}", exact=True)
    await expect(calendar.get_by_role("button", name="OK")).to_be_visible()
    while not await shown.count():
        await calendar.get_by_role("button", name="Previous").click()
    await shown.click()
    await calendar.get_by_role("button", name="OK").click()
    await expect(calendar.get_by_role("button", name="OK")).to_have_count(0)


def activity_lines(page: Page, entity: str, state: str) -> Locator:
    """Return the lines of the activity log in which an entity, by its full name, changed to a state."""
    name = re.compile(rf"(?:^|:\d\d ){entity}\W+{state}")
    return page.locator("ha-logbook-renderer").get_by_role("button", name=name)


async def states(page: Page) -> dict[str, str]:
    """Return the states on a device's page, by entity."""
    rows = page.locator("ha-device-entities-card hui-generic-entity-row")
    shown: list[tuple[str, str]] = await rows.evaluate_all(STATES)
    return dict(shown)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition that no page shows; raise TimeoutError if it does not become true."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def until_drawn(canvas: Locator) -> None:
    """Wait until a graph has lines or bars; raise TimeoutError if it does not."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await canvas.evaluate(INK) < ENOUGH_INK:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
