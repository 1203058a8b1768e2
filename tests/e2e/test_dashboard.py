"""A dashboard, a section, a badge and a tile's line are there by a click, whatever entities are called."""

from pathlib import Path
import re
from typing import Any

from playwright.async_api import ViewportSize, expect
import pytest

from .harness import DESK, PHONE, Harness, Wearer
from .test_card import OUTSIDE

WHOLE: ViewportSize = {"width": 1280, "height": 1600}
DRAWN_TO_FIT = """(card) => new Promise((resolve) => {
  const part = (name) => card.shadowRoot.querySelector(name);
  const look = () => {
    const [plot, drawing] = [part(".plot"), part(".plot svg")];
    const isSmall = getComputedStyle(part(".view")).flexBasis === "60px";
    const isWhole = part(".legend span") && (isSmall || !card.matches("[short], [compact]"));
    const { width, height } = drawing?.getBoundingClientRect() ?? {};
    if (isWhole && width === plot.clientWidth && height === plot.clientHeight) resolve();
    else requestAnimationFrame(look);
  };
  look();
})"""
"""Waits until everything is loaded and the picture is as large as there is room."""
OVER_ONE_ANOTHER = """(card) => {
  const words = [...card.shadowRoot.querySelectorAll(".value b, .value span, .value em, .age, nav button")]
    .filter((one) => one.textContent && one.getClientRects().length)
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  const over = ([, one], [, other]) =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 2 && other.top < one.bottom - 2;
  return words.flatMap((one, index) => words.slice(index + 1).filter((other) => over(one, other)).map(([other]) => `${one[0]} / ${other}`));
}"""
"""Words of the header that lie over others."""


async def test_it_is_offered_among_the_dashboards(
    harness: Harness, wearer: Wearer
) -> None:
    """Whoever adds a dashboard finds it by name."""
    page = await harness.open("config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    offered = page.locator("dashboard-card", has_text="Insulin pump")
    await expect(offered).to_contain_text("supplies, alarms, and trends")


async def test_a_view_of_each_account_with_everything(
    harness: Harness, wearer: Wearer, silent: Wearer, pictures: Path
) -> None:
    """Renamed entities are found, each account has its own view, nothing on it is missing."""
    glucose = await harness.entity(wearer, "glucose")
    renamed = "sensor.what_i_look_at"
    rename = {"entity_id": glucose, "new_entity_id": renamed}
    await harness.api.command("config/entity_registry/update", **rename)
    try:
        await harness.strategy_dashboard("the-pumps")
        page = await harness.open("the-pumps/pump", viewport=WHOLE)
        await expect(page.locator("tconnectsync-card .plot svg")).to_be_visible()
        for heading in (
            "At the last upload",
            "Today",
            "Last 7 days",
            "Supplies",
            "Alarms",
            "Trends",
        ):
            await expect(
                page.locator("hui-heading-card", has_text=heading)
            ).to_be_visible()
        await expect(page.locator("hui-error-card, hui-warning")).to_have_count(0)
        more = page.locator("hui-markdown-card", has_text="turned off at first")
        lead = more.get_by_role("link", name="The pump's page")
        where = f"/config/devices/device/{wearer.device_id}"
        await expect(lead).to_have_attribute("href", where)
        line = page.locator("tconnectsync-trend-body svg path")
        await expect(line).to_have_count(1)
        assert (await line.get_attribute("d") or "").count("L") > 15
        badge = page.locator("tconnectsync-badge-body")
        await expect(badge).to_contain_text(
            re.compile(r"^\s*\d+ · (\d+ min|1 h.*)\s*$")
        )
        await expect(page.locator("hui-statistics-graph-card")).to_have_count(2)
        await page.screenshot(path=pictures / "dashboard.png")
        accounts = await harness.api.command("tconnectsync/accounts")
        devices = [account["device_id"] for account in accounts]
        place = devices.index(silent.device_id) + 1
        await page.goto(f"{harness.url}/the-pumps/pump-{place}")
        await expect(page.locator("tconnectsync-card .notice")).to_contain_text(
            "Data ends"
        )
        await page.goto(f"{harness.url}/the-pumps/report")
        report = page.locator("tconnectsync-report-body")
        await expect(report).to_contain_text("GMI")
        await page.screenshot(path=pictures / "dashboard-report.png")
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(f"{harness.url}/the-pumps/pump")
        await expect(page.locator("tconnectsync-card .plot svg")).to_be_visible()
        await page.screenshot(path=pictures / "dashboard-phone.png")
    finally:
        back = {"entity_id": renamed, "new_entity_id": glucose}
        await harness.api.command("config/entity_registry/update", **back)


async def test_a_section_of_a_dashboard(harness: Harness, wearer: Wearer) -> None:
    """A part of it stands among other cards; of an account that is gone a sentence remains."""
    strategy = {"type": "custom:tconnectsync", "part": "supplies"}
    gone = {"type": "custom:tconnectsync", "device_id": "gone"}
    own = strategy | {"device_id": wearer.device_id}
    await harness.dashboard(
        "the-sections",
        type="sections",
        sections=[{"strategy": own}, {"strategy": gone}],
    )
    page = await harness.open("the-sections/0")
    await expect(page.locator("hui-heading-card", has_text="Supplies")).to_be_visible()
    await expect(page.locator("hui-tile-card", has_text="Reservoir")).to_be_visible()
    await expect(page.locator("hui-markdown-card")).to_contain_text("no longer exists")


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("tconnectsync-card", (6, 6)),
        ("tconnectsync-card", (12, 6)),
        ("tconnectsync-compact-card", (6, 3)),
        ("tconnectsync-compact-card", (12, 4)),
    ],
)
async def test_no_size_cuts_it_off(
    harness: Harness,
    wearer: Wearer,
    pictures: Path,
    kind: str,
    size: tuple[int, int],
) -> None:
    """Every size that is offered has room for what is shown in it."""
    columns, rows = size
    card = {
        "type": f"custom:{kind}",
        "device_id": wearer.device_id,
        "grid_options": {"columns": columns, "rows": rows},
    }
    name = f"size-{columns}-{rows}"
    await harness.dashboard(
        name, type="sections", sections=[{"type": "grid", "cards": [card]}]
    )
    page = await harness.open(f"{name}/0", viewport=DESK)
    shown = page.locator(kind)
    await expect(shown.locator(".glucose .readings")).to_have_count(1)
    for device, viewport in (("desk", DESK), ("phone", PHONE)):
        await page.set_viewport_size(viewport)
        await shown.evaluate(DRAWN_TO_FIT)
        await shown.screenshot(path=pictures / f"{name}-{device}.png")
        assert await shown.evaluate(OUTSIDE) == []
        assert await shown.evaluate(OVER_ONE_ANOTHER) == []
        box = await shown.bounding_box()
        assert box is not None
        assert box["height"] == pytest.approx(rows * 64 - 8, abs=1)


async def test_a_small_panel(harness: Harness, wearer: Wearer, pictures: Path) -> None:
    """On a wall's small screen everything is there, what is touched included."""
    page = await harness.open("the-wall/0", viewport={"width": 800, "height": 480})
    card = page.locator("tconnectsync-card")
    await card.evaluate(DRAWN_TO_FIT)
    await card.locator(".mark.meal").last.hover()
    await expect(card.locator(".readout")).to_contain_text("Meal bolus")
    await card.screenshot(path=pictures / "panel.png")
    assert await card.evaluate(OUTSIDE) == []
    scrolled: Any = await page.evaluate("document.scrollingElement.scrollHeight")
    assert scrolled <= 480
