"""The card starts by itself, shows new data at once, and is quick."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect
import pytest

from .harness import TIME_ZONE, Harness, Wearer
from .picture import card_of, near, records_of

type Note = Callable[[str, object], None]

DRAWN_WITHIN_MS = 100
"""Limit for the best of several tries, because a busy machine displays a finished picture late."""
FLUID_MS = 1000 / 60
WATCH_ANSWERS = """() => {
  const { connection } = document.querySelector("home-assistant").hass;
  const subscribe = connection.subscribeMessage.bind(connection);
  window.drawn = { days: [], fortnights: [] };
  connection.subscribeMessage = (told, message, options) => subscribe((answer) => {
    const arrived = performance.now();
    told(answer);
    const painted = new MessageChannel();
    const drawn = window.drawn[message.kinds ? "fortnights" : "days"];
    painted.port1.onmessage = () => drawn.push(performance.now() - arrived);
    requestAnimationFrame(() => painted.port2.postMessage(null));
  }, message, options);
}"""
"""Records the time from an answer until its picture is on the screen."""
MOVE_ABOUT = """(plot) => new Promise((resolve) => {
  const { left, top, width, height } = plot.getBoundingClientRect();
  const took = [];
  const move = (step) => {
    if (step === 120) { resolve(took); return; }
    const began = performance.now();
    plot.dispatchEvent(new PointerEvent("pointermove", {
      pointerType: "mouse",
      clientX: left + (width * step) / 120,
      clientY: top + height * (0.3 + 0.2 * Math.sin(step / 7)),
    }));
    plot.getBoundingClientRect();
    took.push(performance.now() - began);
    requestAnimationFrame(() => move(step + 1));
  };
  move(0);
})"""
"""Moves a pointer across the picture and records how long each step takes to show."""


REFUSED_AT_FIRST = """async () => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const { Feed } = await import(loaded.find((name) => name.endsWith("/feed.js")));
  const asked = [];
  const told = [];
  const refused = [];
  const feed = new Feed((answer) => told.push(answer), (error) => refused.push(error));
  const connection = {
    addEventListener: () => {},
    removeEventListener: () => {},
    subscribeMessage: async (tell) => {
      asked.push(tell);
      if (asked.length === 1) throw { code: "unknown_command" };
      return async () => {};
    },
  };
  const started = () => ({ connection, config: { components: ["tconnectsync"] } });
  const wanted = { account: {}, start: 0, end: null, slack: 0 };
  const starting = started();
  const waits = [feed.want(starting, wanted)];
  await new Promise(requestAnimationFrame);
  waits.push(feed.want(starting, wanted), feed.want(started(), wanted));
  await new Promise(requestAnimationFrame);
  asked.at(-1)({ records: {} });
  return { waits, asked: asked.length, refused: refused.length, told: told.length };
}"""
"""Asks a Home Assistant that knows the command only after its start, as its configuration reports."""
HOURS_AHEAD = """async (answers) => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const { Feed } = await import(loaded.find((name) => name.endsWith("/feed.js")));
  const feed = new Feed(() => {}, () => {});
  let tell;
  const connection = {
    addEventListener: () => {},
    removeEventListener: () => {},
    subscribeMessage: async (told) => {
      tell = told;
      return async () => {};
    },
  };
  const found = [];
  for (const [start, hours] of answers) {
    feed.want({ connection, config: { components: ["tconnectsync"] } }, { account: {}, start, end: null, slack: 0 });
    tell({ now: new Date(Date.now() + hours * 3_600_000).toISOString() });
    found.push(Math.round((feed.now() - Date.now()) / 3_600_000));
  }
  return found;
}"""
"""The assumed offset of Home Assistant's clock after each answer, from the start of its span and its clock."""
IMPORT_OPTIONS = """
  const { name } = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/card_options.js"));
  const { limitsInForce, readConfig } = await import(name);
"""
READ = f"""async (configs) => {{
  await customElements.whenDefined("tconnectsync-card");
  {IMPORT_OPTIONS}
  return configs.map((config) => {{
    try {{
      const {{ low = null, high = null, night }} = readConfig(config);
      return night ? [night.from, night.to] : [low, high];
    }} catch (error) {{
      return error.message;
    }}
  }});
}}"""
"""The card's reading of options, or its refusal."""
TYPED = """async ([unit, typed]) => {
  await customElements.whenDefined("tconnectsync-badge");
  const editor = await customElements.get("tconnectsync-card").getConfigElement();
  const glucose = { entity_id: "sensor.a", device_id: "a", platform: "tconnectsync", translation_key: "glucose" };
  editor.hass = {
    locale: { language: "en" },
    entities: { [glucose.entity_id]: glucose },
    states: { [glucose.entity_id]: { attributes: { unit_of_measurement: unit } } },
  };
  editor.setConfig({ device_id: "a" });
  document.body.append(editor);
  const form = editor.querySelector("ha-form");
  const kept = [];
  const shown = [];
  editor.addEventListener("config-changed", ({ detail }) => {
    kept.push(detail.config.low ?? null);
    editor.setConfig(detail.config);
  });
  for (const low of typed) {
    form.dispatchEvent(new CustomEvent("value-changed", { detail: { value: { ...form.data, low: low ?? undefined } } }));
    shown.push(form.data.low ?? null);
  }
  editor.remove();
  return [kept, shown];
}"""
"""The value and the text of a limit in the form while it is typed, digit by digit."""
IN_FORCE = f"""async (limits) => {{
  await customElements.whenDefined("tconnectsync-card");
  {IMPORT_OPTIONS}
  return limits.map((own) => {{
    const {{ low, high }} = limitsInForce(own, {{ low_mg_dl: 70, high_mg_dl: 180 }});
    return [low, high];
  }});
}}"""
"""The limits that a card uses for an account with 70 and 180."""
CUT_OFF = """(card, minutes) => {
  const { hass, now } = { hass: card._hass, now: Date.now };
  Date.now = () => now() + minutes * 60_000;
  card.hass = { ...hass, connected: false };
  Date.now = now;
  const said = (part) => card.shadowRoot.querySelector(part).textContent;
  const pills = [...card.shadowRoot.querySelectorAll(".pill")].map((pill) => [pill.className.slice(5), pill.textContent]);
  const found = { notice: said(".notice"), age: said(".age"), ...Object.fromEntries(pills) };
  card.hass = hass;
  return found;
}"""
"""The card's values this many minutes after the connection was lost."""
USUAL = """async (times) => {
  await customElements.whenDefined("tconnectsync-badge");
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const card = loaded.find((name) => name.endsWith("/card.js"));
  const part = (name) => import(card.replace("card.js", name));
  const [{ FortnightPicture }, { LaterLocale }, { loadFullTexts }] = await Promise.all(
    ["fortnight.js", "later_locale.js", "later_texts.js"].map(part),
  );
  await loadFullTexts("en");
  const hass = { locale: { language: "en", time_format: "24", time_zone: "server" }, config: { time_zone: "UTC" } };
  const glucose = times.sort().map((time) => ({ at: Date.parse(time), value: 120, state: "normal", trend: null }));
  const what = {
    view: { now: Date.parse("2026-11-20T12:00:00Z") },
    records: { glucose },
    locale: new LaterLocale(hass, "mg/dL"),
    limits: { low: 70, high: 180 },
  };
  const { root } = new FortnightPicture(what, { width: 900, height: 400 });
  const points = (name) =>
    root
      .querySelector(`.${name}`)
      .getAttribute("d")
      .split("M")
      .slice(1)
      .map((line) => line.split("L").length);
  return Object.fromEntries(["median", "most", "half"].map((name) => [name, points(name)]));
}"""
"""The number of points of each unbroken line of the daily profile."""
BANDS = """async (values) => {
  await customElements.whenDefined("tconnectsync-card");
  const { name } = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/glucose_bands.js"));
  const { bandOf } = await import(name);
  return values.map((value) => bandOf(value, { low: 70, high: 180 }));
}"""
WOKEN = """(part, [selector, hours]) => {
  const now = Date.now;
  Date.now = () => now() + hours * 3_600_000;
  document.dispatchEvent(new Event("visibilitychange"));
  Date.now = now;
  const found = part.shadowRoot.querySelector(selector);
  return `${found.className} ${found.textContent}`;
}"""
"""The card's values when a page becomes visible after this many hours of sleep."""


def subscriptions(page: Page) -> list[str]:
    """Return the subscriptions to records, as they are sent."""
    sent: list[str] = []

    def note(frame: str | bytes) -> None:
        if "tconnectsync/subscribe_history" in str(frame):
            sent.append(str(frame))

    page.on("websocket", lambda websocket: websocket.on("framesent", note))
    return sent


def newest_of(wearer: Wearer) -> str:
    """Return the time of a pump's newest event in the person's zone."""
    return f"{wearer.pump.instants[-1].astimezone(ZoneInfo(TIME_ZONE)):%H:%M}"


async def test_every_page_loads_it(harness: Harness, wearer: Wearer) -> None:
    """No resource has to be added to a dashboard, so every kind of dashboard works."""
    assert await harness.api.command("lovelace/resources") == []
    page = await harness.open("config")
    assert await page.evaluate(
        "customElements.whenDefined('tconnectsync-card').then(() => true)"
    )


async def test_a_day_is_drawn_at_once(
    harness: Harness, wearer: Wearer, record_property: Note
) -> None:
    """From the answer to the picture on the screen it takes less than a tenth of a second."""
    page = await harness.open("the-day/0")
    card = await card_of(page)
    await page.evaluate(WATCH_ANSWERS)
    for answers in range(1, 11):
        name = "Day" if answers % 2 else "24 h"
        await card.get_by_role("button", name=name, exact=True).click()
        await page.wait_for_function(f"window.drawn.days.length === {answers}")
    took = await page.evaluate("window.drawn.days")
    record_property("a day, ms", [round(one) for one in took])
    assert min(took) < DRAWN_WITHIN_MS


async def test_fourteen_days_stay_fluid(
    harness: Harness, wearer: Wearer, record_property: Note
) -> None:
    """The overlay is drawn as quickly, and follows a pointer within a frame of the screen."""
    page = await harness.open("the-day/0")
    card = await card_of(page)
    await page.evaluate(WATCH_ANSWERS)
    for _ in range(5):
        await card.get_by_role("button", name="14 days").click()
        await expect(card.locator(".days .one")).to_have_count(14)
        await expect(card.locator(".waiting")).to_have_count(0)
        await card.get_by_role("button", name="24 h").click()
        await expect(card.locator(".waiting")).to_have_count(0)
    await card.get_by_role("button", name="14 days").click()
    await expect(card.locator(".days .one")).to_have_count(14)
    took = await page.evaluate("window.drawn.fortnights")
    steps = await card.locator(".plot").evaluate(MOVE_ABOUT)
    record_property("14 days, ms", [round(one) for one in took])
    record_property("a step across 14 days, ms", round(median(steps), 1))
    assert min(took) < DRAWN_WITHIN_MS
    assert median(steps) < FLUID_MS


async def test_new_data_shows_by_itself(harness: Harness, wearer: Wearer) -> None:
    """When the phone uploads, the picture is extended without a request by the card."""
    page = await harness.open("config")
    asked = subscriptions(page)
    await page.goto(f"{harness.url}/the-day/0")
    card = await card_of(page)
    dots = card.locator(".glucose .readings")
    before = await dots.get_attribute("d") or ""
    wearer.live(datetime.now(UTC) - timedelta(minutes=20))
    await harness.look_now(wearer)
    await expect(card.locator(".age")).to_contain_text(newest_of(wearer))
    assert (await dots.get_attribute("d") or "").count("M") >= before.count("M")
    assert len(asked) == 1


async def test_a_reload_of_the_account_leaves_the_picture(
    harness: Harness, wearer: Wearer
) -> None:
    """While an account is reloaded its card keeps the picture, and then shows new data."""
    card = await card_of(await harness.open("the-day/0"))
    await harness.api.post(f"config/config_entries/entry/{wearer.entry_id}/reload", {})
    await expect(card.locator(".plot svg")).to_be_visible()
    await expect(card.locator(".notice")).to_be_hidden()
    wearer.live(datetime.now(UTC) - timedelta(minutes=10))
    await harness.look_now(wearer)
    await expect(card.locator(".age")).to_contain_text(newest_of(wearer))


async def test_it_is_found_among_the_cards(harness: Harness, wearer: Wearer) -> None:
    """The card picker shows a preview with an existing pump."""
    await harness.dashboard("the-shop")
    page = await harness.open("the-shop/0?edit=1")
    await page.get_by_role("button", name="Add card").first.click()
    await page.get_by_role("tab", name="By card").click()
    await page.get_by_placeholder("Search cards").fill("insulin pump")
    preview = page.locator("hui-card-picker tconnectsync-card")
    await expect(preview.locator(".plot svg")).to_be_visible()


async def test_it_is_set_up_by_clicking(
    harness: Harness, wearer: Wearer, pictures: Path
) -> None:
    """A pump's sensor suggests the card, and a form changes its picture."""
    await harness.dashboard("the-workshop")
    page = await harness.open("the-workshop/0?edit=1")
    await page.get_by_role("button", name="Add card").first.click()
    await page.get_by_placeholder("Search entities").fill("glucose")
    await page.get_by_text("Glucose", exact=True).first.click()
    suggested = page.locator(".card", has_text="the day at a glance")
    await expect(suggested.locator("tconnectsync-card .plot svg")).to_be_visible()
    await suggested.click()
    await page.get_by_role("button", name="Edit", exact=True).click()
    form = page.locator("tconnectsync-card-editor > ha-form")
    await expect(form).to_contain_text("Show")
    for filled_in in ("24 h", "Alarms and alerts", "Reservoir"):
        await expect(form).to_contain_text(filled_in)
    await page.screenshot(path=pictures / "editor.png")
    await form.get_by_role("textbox", name="Title").fill("My day")
    await form.get_by_text("Basal", exact=True).click()
    await form.get_by_text("Reservoir", exact=True).click()
    shown = page.locator("hui-dialog-edit-card tconnectsync-card")
    await expect(shown.locator(".pill.last_bolus")).to_have_count(1)
    await expect(shown.locator(".pill.reservoir")).to_have_count(0)
    await form.get_by_text("Reservoir", exact=True).click()
    await expect(shown.locator(".title")).to_have_text("My day")
    await expect(shown.locator(".plot .basal")).to_have_count(0)
    await page.get_by_role("button", name="Save").click()
    await expect(shown).to_have_count(0)
    saved = await harness.api.command("lovelace/config", url_path="the-workshop")
    card: dict[str, Any] = saved["views"][0]["cards"][0]
    assert card["type"] == "custom:tconnectsync-card"
    assert card["title"] == "My day"
    assert card["show"] == ["boluses", "activities", "alarms", "sites"]
    assert set(card) == {"type", "title", "show", "device_id"}
    assert card["device_id"]


async def test_a_question_that_came_too_early_is_asked_again(
    harness: Harness, wearer: Wearer
) -> None:
    """A starting Home Assistant may not know the command yet, so the card asks again."""
    page = await harness.open("the-day/0")
    await card_of(page)
    asked = await page.evaluate(REFUSED_AT_FIRST)
    assert asked == {"waits": [True, False, False], "asked": 2, "refused": 1, "told": 1}


async def test_what_waited_does_not_set_the_clock_back(
    harness: Harness, wearer: Wearer
) -> None:
    """An answer that a sleeping page handles hours later is old; the first answer to another request counts again."""
    page = await harness.open("the-day/0")
    await card_of(page)
    answers = [[1, 0], [1, -5], [1, 2], [1, -5], [2, -5], [2, 0]]
    assert await page.evaluate(HOURS_AHEAD, answers) == [0, 0, 2, 2, -5, 0]


async def test_what_a_page_showed_before_it_slept_is_no_longer_of_now(
    harness: Harness, wearer: Wearer, low: Wearer
) -> None:
    """Old values are hidden as soon as the page is visible, not at the next full minute."""
    card = await card_of(await harness.open("the-day/0"))
    await expect(card.locator(".notice")).to_be_hidden()
    assert "Data ends" in await card.evaluate(WOKEN, [".notice", 10])
    badge = (await harness.open("the-low/0")).locator("tconnectsync-badge-body")
    await expect(badge.locator(".very-low")).to_have_count(1)
    assert "very-low" not in await badge.evaluate(WOKEN, ["ha-badge", 0.5])


async def test_limits_tell_their_unit(harness: Harness, wearer: Wearer) -> None:
    """As in triggers the unit is required; with another number a low would be green, so it is refused."""
    page = await harness.open("config")
    refusal = "enter a limit from 40 to 400 mg/dL or from 2.2 to 22.2 mmol/L"
    options: list[tuple[dict[str, object], object]] = [
        ({}, [None, None]),
        ({"low": 70, "high": 180}, [70, 180]),
        ({"low": 3.9, "high": 10}, [70, 180]),
        ({"low": 2.2, "high": 22.2}, [40, 400]),
        ({"low": "4", "high": "250"}, [72, 250]),
        ({"low": 0.39}, f"low: {refusal}"),
        ({"low": 39}, f"low: {refusal}"),
        ({"high": 401}, f"high: {refusal}"),
        ({"high": None}, f"high: {refusal}"),
        ({"low": "low"}, f"low: {refusal}"),
        ({"low": 10, "high": 100}, "low has to be below high"),
    ]
    found = await page.evaluate(READ, [given for given, _ in options])
    assert found == [read for _, read in options]


@pytest.mark.parametrize(
    ("unit", "typed", "kept"),
    [
        ("mg/dL", [7, 70, 700, None], [None, 70, None, None]),
        ("mmol/L", [3, 3.9, 39, 2.2, None], [54, 70, None, 40, None]),
    ],
)
async def test_a_limit_is_kept_once_it_is_typed_in_full(
    harness: Harness,
    wearer: Wearer,
    unit: str,
    typed: list[float | None],
    kept: list[int | None],
) -> None:
    """The first digits would be another limit, or none; the typed text stays in the field."""
    page = await harness.open("config")
    assert await page.evaluate(TYPED, [unit, typed]) == [kept, typed]


async def test_options_that_are_none_are_refused_in_a_sentence(
    harness: Harness, wearer: Wearer
) -> None:
    """The sentence lists the allowed values."""
    page = await harness.open("config")
    night = 'night_from, night_to: enter a time in quotes, such as "22:00"'
    options: list[tuple[dict[str, object], object]] = [
        ({"night_from": "7:00", "night_to": "22:30:00"}, ["07:00", "22:30"]),
        ({"night_from": "24:00", "night_to": "7:00"}, night),
        ({"night_from": 1320, "night_to": "7:00"}, night),
        ({"range": "9"}, "range: choose from 3, 6, 12, 24, day, 14_days"),
        ({"ranges": 3}, [None, None]),
        ({"ranges": [3, 4]}, "ranges: choose from 3, 6, 12, 24, day, 14_days"),
        ({"height": "tall"}, "height: enter a number of pixels, such as 400"),
    ]
    found = await page.evaluate(READ, [given for given, _ in options])
    assert found == [read for _, read in options]


async def test_what_reads_as_the_limit_is_in_range(
    harness: Harness, wearer: Wearer
) -> None:
    """Live glucose of 10.0 mmol/L is 180.16 mg/dL, and a limit of 10.0 is 180."""
    page = await harness.open("config")
    glucose = [54 * 0.999, 53.4, 3.9 * 18.016, 69.4, 10.0 * 18.016, 180.6, 250.4]
    assert await page.evaluate(BANDS, glucose) == [
        "low",
        "very-low",
        "in",
        "low",
        "in",
        "high",
        "high",
    ]


async def test_a_limit_beyond_the_other_one_does_not_count(
    harness: Harness, wearer: Wearer
) -> None:
    """The account's own limits apply, or nothing would be in range."""
    page = await harness.open("config")
    limits = [
        ({"low": 80}, [80, 180]),
        ({"low": 180}, [70, 180]),
        ({"low": 200, "high": 220}, [200, 220]),
        ({"high": 60}, [70, 180]),
        ({}, [70, 180]),
    ]
    found = await page.evaluate(IN_FORCE, [own for own, _ in limits])
    assert found == [in_force for _, in_force in limits]


async def test_without_a_connection_nothing_old_looks_new(
    harness: Harness, wearer: Wearer
) -> None:
    """Values are hidden once they are too old, even without an answer, and the end of the data stays visible."""
    pills = {"pills": ["delta", "reservoir", "battery", "last_bolus"]}
    card = {"type": "custom:tconnectsync-card", "device_id": wearer.device_id}
    await harness.dashboard("the-outage", card | pills)
    shown = await card_of(await harness.open("the-outage/0"))
    await expect(shown.locator(".pill.reservoir")).to_contain_text(" U")
    said = await shown.evaluate(CUT_OFF, 20)
    assert "No connection" in said["notice"]
    assert "Data ends" in said["age"]
    assert said["reservoir"].endswith("U")
    assert said["delta"] == "Delta –"
    said = await shown.evaluate(CUT_OFF, 600)
    assert "No connection" in said["notice"]
    assert "Data ends" in said["age"]
    assert said["reservoir"] == "Reservoir –"
    assert said["battery"] == "Battery –"
    assert said["delta"] == "Delta –"
    assert " · " in said["last_bolus"]


async def test_most_days_are_said_of_where_five_days_say(
    harness: Harness, wearer: Wearer
) -> None:
    """This holds for any number of readings a day, and no line crosses hours with too few days."""
    page = await harness.open("config")
    week = [("2026-11-1", day) for day in range(7)]
    noon = [
        f"{month}{day}T12:{minute:02}:00Z"
        for month, day in week
        for minute in (0, 5, 15, 20)
    ]
    evening = [
        f"{month}{day}T18:{minute:02}:00Z"
        for month, day in week
        for minute in (0, 15, 30)
    ]
    of_two_days = [
        f"{month}{day}T14:{minute:02}:00Z"
        for month, day in week[:2]
        for minute in (0, 5, 10)
    ]
    drawn = await page.evaluate(USUAL, [*noon, *evening, *of_two_days])
    assert drawn == {"median": [2, 3], "most": [4, 6], "half": [4, 6]}


async def test_it_outlives_a_restart(harness: Harness, wearer: Wearer) -> None:
    """After the restart the card receives new data as before."""
    card = await card_of(await harness.open("the-day/0"))
    await harness.restart()
    await expect(card.locator(".notice")).to_be_hidden(timeout=60_000)
    wearer.live(datetime.now(UTC) - timedelta(minutes=5))
    await harness.look_now(wearer)
    await expect(card.locator(".age")).to_contain_text(newest_of(wearer))
    history = await records_of(
        card, wearer.device_id, datetime.now(UTC) - timedelta(hours=1)
    )
    assert near(datetime.now(UTC), history["newest"], timedelta(minutes=15))
