"""Values read from the picture of a card, and its records from a separate request."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import re
from typing import Any, Self

from playwright.async_api import Locator, Page

CARD = "tconnectsync-card"
AMOUNT = re.compile(r"([\d.]+) U")
DOT = re.compile(r"M(-?[\d.]+) (-?[\d.]+)h0")
POINT = re.compile(r"[ML](-?[\d.]+) (-?[\d.]+)")
STEP = re.compile(r"[ML](-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) (-?[\d.]+)")
RECORDS = """(element, message) => new Promise((resolve) => {
  const { connection } = document.querySelector("home-assistant").hass;
  const end = connection.subscribeMessage((answer) => {
    resolve(answer);
    end.then((stop) => stop());
  }, { type: "tconnectsync/subscribe_history", ...message });
})"""


async def card_of(page: Page) -> Locator:
    """Return the page's card once it has a picture."""
    card = page.locator(CARD)
    await card.locator(".plot svg").wait_for()
    return card


async def records_of(card: Locator, device_id: str, since: datetime) -> dict[str, Any]:
    """Return the integration's records of a device, from a new request."""
    message = {"device_id": device_id, "start": since.isoformat()}
    found: dict[str, Any] = await card.evaluate(RECORDS, message)
    return found


@dataclass(frozen=True, slots=True)
class Scale:
    """Conversion from pixels to values, by two pixels with known values."""

    first: tuple[float, float]
    second: tuple[float, float]

    def value(self, pixel: float) -> float:
        """Return the value at a pixel."""
        (pixel0, value0), (pixel1, value1) = self.first, self.second
        return value0 + (pixel - pixel0) * (value1 - value0) / (pixel1 - pixel0)

    def pixel(self, value: float) -> float:
        """Return the pixel of a value."""
        (pixel0, value0), (pixel1, value1) = self.first, self.second
        return pixel0 + (value - value0) * (pixel1 - pixel0) / (value1 - value0)


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture with the scales of its own axes."""

    card: Locator
    time: Scale
    glucose: Scale

    @classmethod
    async def of(cls, card: Locator) -> Self:
        """Read the axes: lines and labels of the limits, and the ends of the time span."""
        drawing = card.locator(".plot svg").first
        start, end = [
            float(await drawing.get_attribute(name) or "")
            for name in ("data-start", "data-end")
        ]
        limits = card.locator(".target line.limit")
        labels = card.locator(".target text.limit")
        left, right = [
            float(await limits.first.get_attribute(name) or "") for name in ("x1", "x2")
        ]
        levels = [
            (
                float(await limits.nth(index).get_attribute("y1") or ""),
                number(await labels.nth(index).text_content()),
            )
            for index in range(2)
        ]
        return cls(card, Scale((left, start), (right, end)), Scale(*levels))

    def instant(self, x: float) -> datetime:
        """Return the time at a horizontal position."""
        return datetime.fromtimestamp(self.time.value(x) / 1000, UTC)

    async def path(self, selector: str) -> str:
        """Return the path of a line."""
        return await self.card.locator(f".plot {selector}").get_attribute("d") or ""

    async def readings(self) -> list[tuple[datetime, float]]:
        """Return the glucose values in the picture."""
        drawn = DOT.findall(await self.path(".glucose .readings"))
        return [
            (self.instant(float(x)), self.glucose.value(float(y))) for x, y in drawn
        ]

    async def units(self) -> Scale:
        """Return the scale of boluses and insulin on board, read from two bars and the baseline."""
        ground = self.card.locator(".boluses line.ground")
        bar = self.card.locator(".boluses rect.bar.meal").first
        amount = self.card.locator(".mark.meal").first
        said = AMOUNT.search(await amount.get_attribute("aria-label") or "")
        assert said
        return Scale(
            (float(await ground.get_attribute("y1") or ""), 0),
            (float(await bar.get_attribute("y") or ""), number(said[1])),
        )

    async def basal(self) -> list[tuple[datetime, datetime, float]]:
        """Return the basal rates in the picture."""
        ground = self.card.locator(".basal line.ground")
        top = self.card.locator(".basal line.grid")
        label = self.card.locator(".basal text")
        rates = Scale(
            (float(await ground.get_attribute("y1") or ""), 0),
            (
                float(await top.get_attribute("y1") or ""),
                number(await label.text_content()),
            ),
        )
        drawn = STEP.findall(await self.path(".basal .course"))
        return [
            (self.instant(float(x0)), self.instant(float(x1)), rates.value(float(y)))
            for x0, y, x1, _ in drawn
        ]

    async def boxes(self, selector: str) -> list[tuple[datetime, datetime]]:
        """Return start and end of vertical boxes."""
        found = await self.card.locator(f".plot {selector}").evaluate_all(
            "(boxes) => boxes.map((box) => [box.x.baseVal.value, box.width.baseVal.value])"
        )
        return [(self.instant(x), self.instant(x + width)) for x, width in found]

    async def texts(self, selector: str) -> list[str]:
        """Return texts in the picture."""
        found: list[str] = await self.card.locator(
            f".plot {selector}"
        ).all_text_contents()
        return found

    async def marks(self) -> list[str]:
        """Return the labels of the marks for a screen reader, in order of time."""
        found: list[str] = await self.card.locator(".plot .mark").evaluate_all(
            "(marks) => marks.map((mark) => mark.getAttribute('aria-label'))"
        )
        return found


def number(text: str | None) -> float:
    """Return a number written with a point or a comma."""
    return float((text or "").replace(",", "."))


def near(one: datetime, other: str, within: timedelta = timedelta(minutes=1)) -> bool:
    """Return whether an instant is in the answer, within half a pixel."""
    return abs(one - datetime.fromisoformat(other)) <= within
