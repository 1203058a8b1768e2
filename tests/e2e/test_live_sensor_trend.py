"""The trend of another sensor is its own or follows from its last readings; else there is none."""

from typing import Any

import pytest

from .harness import Harness, Wearer

GLUCOSE = "sensor.someone_glucose_value"
TREND = "sensor.someone_glucose_trend"
TREND_OF = """async ([hass, readings]) => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const card = loaded.find((name) => name.endsWith("/card.js"));
  const { reckonedTrend, reportedTrend } = await import(card.replace(/card\\.js$/, "live_sensor_trend.js"));
  return reportedTrend(hass, "sensor.someone_glucose_value") ?? reckonedTrend(readings);
}"""
MINUTE = 60_000
NOW = 1_800_000_000_000


def readings(*values: tuple[float, float]) -> list[dict[str, float]]:
    """Return readings of these many minutes ago."""
    return [{"at": NOW - ago * MINUTE, "value": value} for ago, value in values]


def home(trend: str | None = None, **attributes: Any) -> dict[str, Any]:
    """Return Home Assistant's states of the sensor, and of another one on its device."""
    beside = {TREND: {"state": trend, "attributes": {}}} if trend else {}
    entities = [GLUCOSE, *beside]
    return {
        "states": {GLUCOSE: {"state": "120", "attributes": attributes}, **beside},
        "entities": {
            entity: {"entity_id": entity, "device_id": "someone"} for entity in entities
        },
    }


@pytest.mark.parametrize(
    ("hass", "past", "trend"),
    [
        (home(direction="FortyFiveDown"), [], "forty_five_down"),
        (home(direction="DoubleUp"), [], "double_up"),
        (home(trend="steady"), [], "flat"),
        (home(trend="rising_quickly"), [], "double_up"),
        (home(trend="Decreasing fast"), [], "single_down"),
        (home(trend="unavailable"), [(0, 100)], None),
        (home(direction="NOT COMPUTABLE"), [(0, 100)], None),
        (home(), [(10, 100), (5, 100), (0, 100)], "flat"),
        (home(), [(10, 100), (5, 106), (0, 112)], "forty_five_up"),
        (home(), [(15, 180), (10, 168), (5, 156), (0, 144)], "single_down"),
        (home(), [(10, 100), (5, 118), (0, 136)], "double_up"),
        (home(), [(60, 300), (10, 100), (5, 100), (0, 100)], "flat"),
        (home(), [(5, 100), (0, 130)], None),
        (home(), [(8, 100), (4, 110), (0, 120)], None),
        (home(), [(14, 100), (13, 100), (0, 160)], None),
        (home(), [(40, 100), (35, 110), (30, 120), (0, 121)], None),
    ],
)
async def test_trend_of_another_sensor(
    harness: Harness,
    wearer: Wearer,
    hass: dict[str, Any],
    past: list[tuple[float, float]],
    trend: str | None,
) -> None:
    """Two readings, or a gap between readings, give no trend."""
    page = await harness.open("config")
    await page.evaluate("customElements.whenDefined('tconnectsync-card').then(() => 1)")
    given = [hass, readings(*(past or [(0, 120)]))]
    assert await page.evaluate(TREND_OF, given) == trend
