"""The console is listened to."""

from playwright.async_api import Page
import pytest

from .console import complaints
from .harness import Harness
from .user_actions import until


async def said(page: Page, harness: Harness, script: str) -> list[str]:
    """Have a page run something and return what was noted of it, once it has said so."""
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
    """Errors, warnings, files that are missing, and what nobody caught."""
    page = await harness.open("config")
    assert len(await said(page, harness, script)) == 1


async def test_what_others_say_is_not(harness: Harness) -> None:
    """Home Assistant's own troubles are not this integration's."""
    page = await harness.open("config")
    assert await said(page, harness, "console.error('something else')") == []
