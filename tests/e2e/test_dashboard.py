"""A dashboard, a section, a badge and a tile feature can be added by a click, with any entity names."""

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
"""Waits until everything is loaded and the picture fills the available space."""
OVER_ONE_ANOTHER = """(card) => {
  const words = [...card.shadowRoot.querySelectorAll(".value b, .value span, .value em, .age, nav button")]
    .filter((one) => one.textContent && one.getClientRects().length)
    .map((one) => [one.textContent, one.getBoundingClientRect()]);
  const over = ([, one], [, other]) =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 2 && other.top < one.bottom - 2;
  return words.flatMap((one, index) => words.slice(index + 1).filter((other) => over(one, other)).map(([other]) => `${one[0]} / ${other}`));
}"""
"""Returns words of the header that overlap others."""
GENERATED = """async ([kind, failure]) => {
  await customElements.whenDefined("tconnectsync-badge");
  const { generate } = customElements.get(`ll-strategy-${kind}-tconnectsync`);
  const failures = failure ? [failure] : [];
  const sendMessagePromise = async () => {
    if (failures.length) throw failures.pop();
    return [];
  };
  const hass = { connection: { sendMessagePromise }, locale: { language: "en" } };
  const said = [];
  for (let time = 0; time < 2; time += 1) {
    const { views, cards = views[0].sections[0].cards } = await generate({}, hass);
    said.push(cards[0].content);
  }
  return said;
}"""
"""Returns the strategy's sentence when the accounts cannot be read, and when it is generated again."""
WITH_OTHERS = """async ([shown, ...answers]) => {
  const { connection } = shown._hass;
  const badge = document.createElement(shown.localName);
  badge.setConfig(shown._config);
  const sendMessagePromise = async (message) => {
    const answer = answers.shift();
    if (!answer) throw { code: "unknown_command" };
    return (await connection.sendMessagePromise(message)).map((one) => ({ ...one, ...answer }));
  };
  badge.hass = { ...shown._hass, connection: { sendMessagePromise } };
  document.body.append(badge);
  const now = Date.now;
  const said = [];
  const minutes = answers.length;
  for (let minute = 0; minute < minutes; minute += 1) {
    Date.now = () => now() + minute * 60_000;
    if (minute) document.dispatchEvent(new Event("visibilitychange"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { className, textContent } = badge.shadowRoot.querySelector("ha-badge");
    said.push([className, textContent.trim().slice(0, 1)]);
  }
  Date.now = now;
  badge.remove();
  return said;
}"""
"""The badge by the minute; without an answer its request is refused."""


async def test_it_is_offered_among_the_dashboards(
    harness: Harness, wearer: Wearer
) -> None:
    """The dialog for new dashboards lists it by name."""
    page = await harness.open("config/lovelace/dashboards")
    await page.get_by_role("button", name="Add dashboard").click()
    offered = page.locator("dashboard-card", has_text="Insulin pump")
    await expect(offered).to_contain_text("supplies, alarms, and trends")


async def test_a_view_of_each_account_with_everything(
    harness: Harness, wearer: Wearer, silent: Wearer, pictures: Path
) -> None:
    """Renamed entities are found, each account has its own view, and nothing is missing on it."""
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
        trend = page.locator("tconnectsync-trend-body")
        await expect(trend.get_by_role("img")).to_have_accessible_name(
            "Glucose over three hours"
        )
        line = trend.locator("svg path")
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


@pytest.mark.parametrize("kind", ["dashboard", "section"])
@pytest.mark.parametrize(
    ("failure", "said"),
    [
        ({"code": "unknown_command"}, "is still starting"),
        ({"error": {"code": 3, "message": "Connection lost"}}, "Connection lost"),
    ],
)
async def test_accounts_that_cannot_be_had_are_not_said_to_be_none(
    harness: Harness, wearer: Wearer, kind: str, failure: dict[str, Any], said: str
) -> None:
    """The reason is shown, and a failed request is repeated."""
    page = await harness.open("config")
    first, second = await page.evaluate(GENERATED, [kind, failure])
    assert said in first
    assert second in (
        "The pump chosen for this card no longer exists. Choose another one in the card's settings.",
        "No insulin pump is set up. Go to Settings > Devices & services > Add integration > tconnectsync, or delete this dashboard under Settings > Dashboards.",
    )


async def test_a_badge_asks_again_whose_it_is(harness: Harness, low: Wearer) -> None:
    """A badge that loads before the integration shows its value soon, and changed limits apply."""
    badge = (await harness.open("the-low/0")).locator("tconnectsync-badge-body")
    await expect(badge).to_contain_text("Low")
    shown = await badge.element_handle()
    answers: list[Any] = [None, {"stale_after_minutes": 60}, {"stale_after_minutes": 0}]
    said = await badge.page.evaluate(WITH_OTHERS, [shown, *answers])
    assert said == [["", "–"], ["very-low", "L"], ["", "–"]]


async def test_a_section_of_a_dashboard(harness: Harness, wearer: Wearer) -> None:
    """The section stands among other cards; for a removed account it shows a sentence."""
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
    """Every offered size has room for its content."""
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
    """On a small wall panel everything fits, including details after a tap."""
    page = await harness.open("the-wall/0", viewport={"width": 800, "height": 480})
    card = page.locator("tconnectsync-card")
    await card.evaluate(DRAWN_TO_FIT)
    await card.locator(".mark.meal").last.hover()
    await expect(card.locator(".readout")).to_contain_text("Meal bolus")
    await card.screenshot(path=pictures / "panel.png")
    assert await card.evaluate(OUTSIDE) == []
    scrolled: Any = await page.evaluate("document.scrollingElement.scrollHeight")
    assert scrolled <= 480
