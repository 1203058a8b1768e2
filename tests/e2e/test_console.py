"""The console is listened to."""

from playwright.async_api import Page
import pytest

from .console import complaints
from .hands import until
from .house import House


async def said(page: Page, house: House, script: str) -> list[str]:
    """Have a page run something and return what was noted of it, once it has said so."""
    house.said.clear()
    await page.evaluate(script)
    await until(lambda: house.said != [])
    noted = complaints(house.said)
    house.said.clear()
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
    house: House, script: str
) -> None:
    """Errors, warnings, files that are missing, and what nobody caught."""
    page = await house.open("config")
    assert len(await said(page, house, script)) == 1


async def test_what_others_say_is_not(house: House) -> None:
    """Home Assistant's own troubles are not this integration's."""
    page = await house.open("config")
    assert await said(page, house, "console.error('something else')") == []
