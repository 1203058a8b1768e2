"""Screenshots, small enough for a repository."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page

COLOURS = 256


class Camera:
    """Takes screenshots into a folder; a new one replaces the old one with its name."""

    def __init__(self, folder: Path, *, patient: bool) -> None:
        """Create the folder; a patient camera waits for icons, which Home Assistant fetches late."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._patient = patient

    async def take(self, seen: Page | Locator, name: str) -> None:
        """Take a screenshot once the page is at rest."""
        page = seen if isinstance(seen, Page) else seen.page
        if self._patient:
            await page.wait_for_load_state("networkidle")
        taken = Image.open(BytesIO(await seen.screenshot(animations="disabled")))
        small = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(self._folder / f"{name}.png", optimize=True)
