"""The time of another sensor's reading is its own or that of its state; a restart is not a reading."""

from typing import Any

import pytest

from .harness import Harness, Wearer

GLUCOSE = "sensor.someone_glucose_value"
AGE_OF = """async ([hass, entity, past, now]) => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const card = loaded.find((name) => name.endsWith("/card.js"));
  const { LiveGlucose } = await import(card.replace(/card\\.js$/, "live_sensor.js"));
  const known = await new Promise((resolve) => {
    const live = new LiveGlucose(() => resolve(live));
    live.follow({ ...hass, callWS: async () => ({ [entity]: past }) }, entity, now - 7_200_000);
  });
  const newest = known.newest(hass, entity);
  return [newest && (now - newest.at) / 60_000, known.readings.length];
}"""
BEGINNING = 130
"""Start of the requested history, in minutes before now."""
NOW = 1_800_000_000
UNIT = {"unit_of_measurement": "mg/dL"}


def row(
    ago: float, value: str, *, unchanged: bool = False, **attributes: Any
) -> dict[str, Any]:
    """Return a state of this age in the recorder's form."""
    updated = NOW - 60 * ago
    since = {"lc": updated - 600} if unchanged else {}
    return {"s": value, "a": {**UNIT, **attributes}, "lu": updated, **since}


def state(value: str, **attributes: Any) -> dict[str, Any]:
    """Return the current state, set just now."""
    at = "2027-01-15T08:00:00+00:00"
    said = {**UNIT, **attributes}
    return {"state": value, "attributes": said, "last_updated": at, "last_changed": at}


@pytest.mark.parametrize(
    ("past", "present", "age", "count"),
    [
        ([row(50, "120"), row(0, "120")], state("120"), 50, 1),
        ([row(50, "120")], state("120"), 50, 1),
        ([row(50, "120"), row(45, "unavailable")], state("120"), 50, 1),
        ([row(50, "120"), row(2, "120"), row(0, "130")], state("130"), 0, 2),
        ([row(50, "120"), row(0, "130")], state("130"), 0, 2),
        ([row(10, "120"), row(5, "120"), row(0, "120")], state("120"), 0, 3),
        ([row(50, "120"), row(1, "120", unchanged=True)], state("121"), 0, 3),
        ([], state("120"), 0, 1),
        ([row(BEGINNING, "120"), row(5, "unavailable")], state("unavailable"), None, 0),
        ([row(BEGINNING, "120"), row(0, "120")], state("120"), None, 0),
        ([row(BEGINNING, "120"), row(0, "121")], state("121"), 0, 1),
        ([row(BEGINNING, "120"), row(119, "120")], state("unavailable"), None, 0),
        ([row(BEGINNING, "120"), row(125, "120")], state("unavailable"), 125, 1),
        (
            [row(BEGINNING, "120", date="2027-01-15T05:00:00+00:00")],
            state("unavailable"),
            180,
            1,
        ),
        (
            [row(50, "120")],
            state("120", date="2027-01-15T07:58:00+00:00"),
            2,
            2,
        ),
    ],
)
async def test_what_a_restart_brings_back_is_as_old_as_it_was(
    harness: Harness,
    wearer: Wearer,
    *,
    past: list[dict[str, Any]],
    present: dict[str, Any],
    age: float | None,
    count: int,
) -> None:
    """The same value more than ten minutes later, without a time of its own, is not a new reading.

    For the first state of the history it is unknown even since when it applied.
    """
    page = await harness.open("config")
    await page.evaluate("customElements.whenDefined('tconnectsync-card').then(() => 1)")
    hass = {"states": {GLUCOSE: present}, "entities": {}}
    given = [hass, GLUCOSE, past, NOW * 1000]
    assert await page.evaluate(AGE_OF, given) == [age, count]
