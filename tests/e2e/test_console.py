"""Console messages are recorded."""

from playwright.async_api import Page
import pytest

from .console import complaints
from .harness import Harness
from .user_actions import until


async def said(page: Page, harness: Harness, script: str) -> list[str]:
    """Run a script in a page and return its recorded messages."""
    harness.said.clear()
    await page.evaluate(script)
    await until(lambda: harness.said != [])
    noted = complaints(harness.said)
    harness.said.clear()
    return noted


@pytest.mark.parametrize(
    "script",
    [
        "console.error('tconnectsync: no such thing')",
        "console.warn('a translation of component.tconnectsync is missing')",
        "void fetch('/tconnectsync/not-there.js').then((answer) => answer.text())",
        "void setTimeout(() => { throw new Error('in tconnectsync-card'); })",
    ],
)
async def test_what_concerns_the_integration_is_noted(
    harness: Harness, script: str
) -> None:
    """Errors, warnings, missing files and uncaught exceptions of the integration are recorded."""
    page = await harness.open("config")
    assert len(await said(page, harness, script)) == 1


async def test_what_others_say_is_not(harness: Harness) -> None:
    """Home Assistant's own errors are not this integration's."""
    page = await harness.open("config")
    assert await said(page, harness, "console.error('something else')") == []
