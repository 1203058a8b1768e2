"""The card shows the day correctly, for every user and on every screen."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
import re
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, expect
import pytest

from .harness import PHONE, TIME_ZONE, WALL, Harness, Wearer
from .picture import DOT, POINT, Picture, card_of, near, records_of

EDGES = {"low": 40, "high": 400}
"""Height of a reading without a number: the edge of the sensor's range."""
OUTSIDE = """(card) => {
  const frame = card.shadowRoot.querySelector("ha-card").getBoundingClientRect();
  const parts = card.shadowRoot.querySelectorAll("header *, nav *, footer *, .plot text, .plot .shape");
  return [...parts]
    .filter((part) => part.getClientRects().length)
    .filter((part) => {
      const box = part.getBoundingClientRect();
      return box.width && (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom + 1);
    })
    .map((part) => `${part.getAttribute("class")} ${part.textContent}`);
}"""
"""Returns words and signs that stick out of the card."""


SWIPE = """(plot, across) => {
  const { left, top, width, height } = plot.getBoundingClientRect();
  const point = (type, by) => plot.dispatchEvent(new PointerEvent(type, {
    pointerType: "touch", bubbles: true,
    clientX: left + width / 2 + by, clientY: top + height / 2,
  }));
  point("pointerdown", 0);
  point("pointermove", across / 2);
  point("pointerup", across);
}"""
"""Simulates a quick swipe of a finger."""


NO_ANSWERS = """
  const { connection } = card._hass;
  const send = connection.sendMessagePromise.bind(connection);
  connection.sendMessagePromise = (message) =>
    message.type === "tconnectsync/span_figures" ? new Promise(() => {}) : send(message);
  const known = card._options.account.device_id;
  const subscribe = connection.subscribeMessage.bind(connection);
  connection.subscribeMessage = (tell, message, ...others) =>
    message.type !== "tconnectsync/subscribe_history" || message.device_id === known
      ? subscribe(tell, message, ...others)
      : new Promise(() => {});
"""
"""Blocks the answers to sums of a day, and those of another account."""


WORDS = """async (raw) => {
  await customElements.whenDefined("tconnectsync-badge");
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const card = loaded.find((name) => name.endsWith("/card.js"));
  const part = (name) => import(card.replace("card.js", name));
  const [{ LaterRecords }, { LaterLocale }, words] = await Promise.all(
    ["later_records.js", "later_locale.js", "mark_texts.js"].map(part),
  );
  await (await part("later_texts.js")).loadFullTexts("en");
  const hass = { locale: { language: "en", time_format: "24", time_zone: "server" }, config: { time_zone: "UTC" } };
  const locale = new LaterLocale(hass, "mg/dL");
  const records = new LaterRecords(raw, Date.parse("2026-11-20T12:00:00Z"));
  const said = (list, how) => list.map((one) => words.sentence(how(locale, one)));
  return {
    suspensions: said(records.suspensions, words.suspensionWords),
    fills: said(records.fills.map((fill) => [fill]), words.siteWords),
    sessions: said(records.sessions, words.sessionWords),
  };
}"""
"""Returns the labels of marks for the records of an answer."""


async def drawn(harness: Harness, path: str, **options: Any) -> tuple[Locator, Picture]:
    """Open a dashboard and return its card and picture."""
    card = await card_of(await harness.open(f"{path}/0", **options))
    await expect(card.locator(".glucose .readings")).to_have_count(1)
    # Parts above the picture move it when they are loaded.
    await expect(card.locator(".pill").first).to_be_visible()
    await expect(card.locator(".legend span").first).to_be_visible()
    await expect(card.locator(".sums span").first).to_be_visible()
    return card, await Picture.of(card)


def amount_text(units: float) -> str:
    """Return units as a label writes them."""
    last = Decimal("0.01" if units < 1 else "0.1")
    text = f"{Decimal(str(units)).quantize(last, ROUND_HALF_UP)}"
    return text.rstrip("0").rstrip(".")


async def test_the_picture_is_what_the_records_say(
    harness: Harness, wearer: Wearer, pictures: Path
) -> None:
    """Glucose, basal, boluses, carbs and longer records are at their true place and time."""
    card, picture = await drawn(harness, "the-day")
    await card.screenshot(path=pictures / "light.png")
    history = await records_of(card, wearer.device_id, picture.instant(0))
    records = history["records"]
    start = datetime.fromtimestamp(picture.time.first[1] / 1000, UTC).isoformat()

    readings = {
        reading["time"]: reading["glucose_mg_dl"] or EDGES[reading["state"]]
        for reading in records["glucose"]
        if reading["time"] >= start and reading["state"] != "no_reading"
    }
    shown = await picture.readings()
    assert len(shown) > 200
    for (at, value), (time, glucose) in zip(shown, readings.items(), strict=True):
        assert near(at, time)
        assert value == pytest.approx(glucose, abs=0.5)

    segments = [
        segment for segment in records["basal"] if (segment["end"] or "9") >= start
    ]
    rates = await picture.basal()
    for (begin, end, rate), segment in zip(rates, segments, strict=True):
        assert near(begin, max(segment["start"], start))
        assert near(end, segment["end"] or history["newest"])
        assert rate == pytest.approx(segment["rate_units_per_hour"], abs=0.03)

    boluses = [bolus for bolus in records["boluses"] if bolus["time"] >= start]
    extended = [
        bolus
        for bolus in records["boluses"]
        if bolus["extended_delivered_units"] and bolus["end"] >= start
    ]
    assert {bolus["kind"] for bolus in extended} == {"extended"}
    bars = await picture.boxes("rect.bar:not(.extended[fill])")
    given = [bolus for bolus in boluses if bolus["now_delivered_units"]]
    for (begin, end), bolus in zip(bars, given, strict=True):
        assert near(begin + (end - begin) / 2, bolus["time"])
    for (begin, end), bolus in zip(
        await picture.boxes("rect.bar.extended[fill]"), extended, strict=True
    ):
        assert near(begin, max(bolus["extended_start"], start))
        assert near(end, bolus["end"])
    by_hand = [bolus for bolus in boluses if bolus["kind"] != "automatic"]
    amounts = sorted(bolus["delivered_units"] for bolus in by_hand)
    shown_amounts = set(await picture.texts("text.amount"))
    assert amount_text(amounts[-1]) in shown_amounts
    assert shown_amounts <= set(map(amount_text, amounts))
    carbs = sorted(bolus["carbs_grams"] for bolus in by_hand)
    shown_carbs = set(await picture.texts("text.carbs"))
    assert f"{carbs[-1]} g" in shown_carbs
    assert shown_carbs <= {f"{grams} g" for grams in carbs}

    on_board = [one for one in records["insulin_on_board"] if one["time"] >= start]
    assert (await picture.path(".on-board .reported")).count("M") == len(on_board)
    for name, kind in (("rect.exercise", "exercise"), ("rect.sleep", "sleep")):
        activities = [one for one in records["activities"] if one["mode"] == kind]
        for (begin, end), activity in zip(
            await picture.boxes(f".activities {name}"), activities, strict=True
        ):
            assert near(begin, max(activity["start"], start))
            assert near(end, activity["end"] or history["newest"])
    suspensions = [one for one in records["suspensions"] if one["end"] >= start]
    shown_suspensions = await picture.boxes("rect.suspended:not(pattern *)")
    assert len(shown_suspensions) == len(suspensions) >= 2
    ((ends, _),) = await picture.boxes(".edge rect:first-child")
    assert near(ends, history["newest"])


async def test_insulin_on_board_is_the_estimate_at_the_newest_event(
    harness: Harness, wearer: Wearer
) -> None:
    """The header marks it as an estimate with its time; its curve ends with it, below the glucose."""
    card, picture = await drawn(harness, "the-day")
    history = await records_of(card, wearer.device_id, picture.instant(0))
    entity = await harness.entity(wearer, "insulin_on_board_estimate")
    state = await harness.api.get(f"states/{entity}")
    newest = datetime.fromisoformat(history["newest"]).astimezone(ZoneInfo(TIME_ZONE))
    value = card.locator(".value.on-board")
    await expect(value.locator("b")).to_have_text(f"≈ {float(state['state']):.1f}")
    await expect(value.locator("small")).to_contain_text(f"{newest:%H:%M}")
    scale = await picture.units()
    curve = POINT.findall(await picture.path(".on-board .course"))
    (x, y), ground = map(float, curve[-1]), scale.first[0]
    assert near(picture.instant(x), history["newest"])
    assert scale.value(y) == pytest.approx(float(state["state"]), abs=0.05)
    lowest = picture.glucose.pixel(EDGES["low"])
    assert lowest < ground
    assert min(float(y) for _, y in curve) > lowest


async def test_it_says_once_where_the_data_ends(
    harness: Harness, wearer: Wearer, silent: Wearer
) -> None:
    """Fresh or old, the card shows the end of the data in one place."""
    for path in ("the-day", "the-silence"):
        card = await card_of(await harness.open(f"{path}/0"))
        await expect(card.locator("ha-card")).to_contain_text("Data ends")
        words = await card.locator("ha-card").inner_text()
        assert words.count("Data ends") == 1
        assert words.count("newest data") == 0


async def test_another_sensor_goes_on_where_the_pump_s_data_ends(
    harness: Harness, wearer: Wearer, pictures: Path
) -> None:
    """Its value, age and level are in the header, and its line has another style past the end of the data."""
    sensor = "sensor.another_glucose"
    for seconds, value in enumerate(("4.4", "3.6", "unavailable", "2.9")):
        measured = datetime.now(UTC) - timedelta(seconds=3 - seconds)
        said = {"unit_of_measurement": "mmol/L", "date": measured.isoformat()}
        await harness.api.post(f"states/{sensor}", {"state": value, "attributes": said})
    await harness.until_recorded(sensor, 4)
    config = {
        "type": "custom:tconnectsync-card",
        "device_id": wearer.device_id,
        "live_glucose": sensor,
    }
    await harness.dashboard("the-live", config)
    card, picture = await drawn(harness, "the-live")
    shown = card.locator(".value.live")
    await expect(shown.locator("b")).to_have_text("52")
    await expect(shown.locator("small")).to_contain_text("0 min ago")
    assert "very-low" in (await shown.get_attribute("class") or "")
    # A few readings of the same minute give no trend.
    await expect(shown.locator("span")).to_have_text("mg/dL")
    rings = card.locator(".plot .live circle")
    await expect(rings).to_have_count(3)
    history = await records_of(card, wearer.device_id, picture.instant(0))
    newest = datetime.fromisoformat(history["newest"])
    assert {at > newest for at, _ in await picture.readings()} == {False}
    y = float(await rings.last.get_attribute("cy") or "")
    assert picture.glucose.value(y) == pytest.approx(2.9 * 18.016, abs=0.5)
    await card.screenshot(path=pictures / "live.png")
    await card.get_by_role("slider", name="Time").focus()
    await card.page.keyboard.press("End")
    readout = card.locator(".readout")
    await expect(readout).to_contain_text("Live glucose 52 mg/dL")
    await expect(readout).not_to_contain_text("Basal")
    for minutes, heading in ((0, "FortyFiveUp"), (40, "DoubleDown")):
        measured = datetime.now(UTC) - timedelta(minutes=minutes)
        said = {"date": measured.isoformat(), "direction": heading}
        await harness.api.post(
            f"states/{sensor}",
            {"state": "180", "attributes": {"unit_of_measurement": "mg/dL"} | said},
        )
        await expect(rings).to_have_count(4 + (minutes > 0))
        # A late value belongs to an older reading than the newest.
        await expect(shown.locator("span")).to_have_text(
            "mg/dL" if minutes else "mg/dL ↗"
        )


async def test_values_of_the_header_lead_to_their_entities(
    harness: Harness, wearer: Wearer
) -> None:
    """Chosen and enabled values equal the entities, and a tap opens the details of one."""
    card = {"type": "custom:tconnectsync-card", "device_id": wearer.device_id}
    pills = ["delta", "last_bolus", "last_carbs", "reservoir", "battery", "control"]
    await harness.dashboard("the-pills", card | {"pills": [*pills, "site_age"]})
    shown, _ = await drawn(harness, "the-pills")
    await expect(shown.locator(".pill")).to_have_count(6)
    reservoir = await harness.entity(wearer, "reservoir")
    state = await harness.api.get(f"states/{reservoir}")
    pill = shown.locator(".pill.reservoir")
    await expect(pill).to_contain_text(f"{float(state['state']):.0f}")
    site = await harness.entity(wearer, "site_changed")
    changed = datetime.fromisoformat((await harness.api.get(f"states/{site}"))["state"])
    hours = (datetime.now(UTC) - changed) / timedelta(hours=1)
    full_hours = re.compile(f"({int(hours)}|{int(hours + 1 / 30)}) h")
    await expect(shown.locator(".pill.site_age")).to_contain_text(full_hours)
    last_bolus = await harness.entity(wearer, "last_bolus")
    given = await harness.api.get(f"states/{last_bolus}")
    for in_progress, said in (
        (True, r"Bolus in progress, .+ U requested · "),
        (False, r"Bolus [\d.]+ U · "),
    ):
        attributes = given["attributes"] | {"in_progress": in_progress}
        asked_for = {"state": given["state"], "attributes": attributes}
        await harness.api.post(f"states/{last_bolus}", asked_for)
        await expect(shown.locator(".pill.last_bolus")).to_contain_text(
            re.compile(said)
        )
    await pill.click()
    dialog = shown.page.locator("ha-more-info-dialog")
    await expect(dialog).to_contain_text("Reservoir")


async def test_a_day_and_24_hours_come_to_something(
    harness: Harness, wearer: Wearer
) -> None:
    """The line shows the sums of the displayed day; a span of hours has none."""
    card, picture = await drawn(harness, "the-day")
    history = await records_of(card, wearer.device_id, picture.instant(0))
    start = datetime.fromtimestamp(picture.time.first[1] / 1000, UTC)
    readings = [value for _, value in await picture.readings()]
    mean = sum(readings) / len(readings)
    line = card.locator(".sums")
    await expect(line).to_contain_text("Mean")
    words = await line.inner_text()
    said = re.search(r"Mean (\d+) mg/dL", words)
    assert said
    assert int(said[1]) == pytest.approx(mean, abs=2)
    boluses = [
        bolus
        for bolus in history["records"]["boluses"]
        if datetime.fromisoformat(bolus["time"]) >= start
    ]
    assert f"Carbs {sum(bolus['carbs_grams'] for bolus in boluses)} g" in words
    for name in ("In range", "Below", "Insulin", "Basal", "Boluses"):
        assert name in words
    await card.get_by_role("button", name="6 h", exact=True).click()
    await expect(line).to_be_hidden()


async def test_sums_of_another_span_are_not_shown_until_the_answer(
    harness: Harness, wearer: Wearer
) -> None:
    """No sum is shown before its answer."""
    card, _ = await drawn(harness, "the-day")
    await card.evaluate(f"(card) => {{ {NO_ANSWERS} }}")
    for name in ("24 h", "Day"):
        await card.get_by_role("button", name=name, exact=True).click()
        await expect(card.locator(".glucose .readings")).to_have_count(1)
    await expect(card.locator(".sums")).to_be_visible()
    await expect(card.locator(".sums")).to_be_empty()


async def test_a_card_given_to_another_person_forgets_the_one_before(
    harness: Harness, wearer: Wearer, silent: Wearer
) -> None:
    """No name, value or sum of one child appears on the card of the other, even briefly."""
    card, _ = await drawn(harness, "the-day")
    left = await card.evaluate(
        f"""(card, device_id) => {{
          {NO_ANSWERS}
          card.setConfig({{ type: "custom:tconnectsync-card", device_id }});
          const parts = [".title", ".values", ".age", ".raised", ".pills", ".plot", ".sums:not([hidden])"];
          return parts.map((part) => card.shadowRoot.querySelector(part)?.textContent ?? "").join("");
        }}""",
        silent.device_id,
    )
    assert left == ""
    await expect(card.locator(".empty")).to_have_text("Loading…")


async def test_a_badge_given_to_another_person_forgets_the_one_before(
    harness: Harness, low: Wearer, wearer: Wearer
) -> None:
    """The badge changes at once, and a late answer about the previous account is ignored."""
    badge = (await harness.open("the-low/0")).locator("tconnectsync-badge-body")
    await expect(badge).to_contain_text("Low")
    shown = await badge.evaluate(
        """async (badge, [device_id, before]) => {
          const words = () => badge.shadowRoot.querySelector("span").textContent;
          badge.setConfig({ device_id });
          const at_once = words();
          badge.setConfig({ device_id: before });
          badge.setConfig({ device_id: "gone" });
          await new Promise((resolve) => setTimeout(resolve, 500));
          return [at_once, words()];
        }""",
        [wearer.device_id, low.device_id],
    )
    assert shown == ["–", "–"]


async def test_marks_tell_what_happened(harness: Harness, wearer: Wearer) -> None:
    """Alarms, alerts, site changes and boluses can be tapped and have labels for screen readers."""
    _, picture = await drawn(harness, "the-day")
    marks = "\n".join(await picture.marks())
    for words in (
        "Occlusion",
        "cleared",
        "Insulin low",
        "Site change",
        "cartridge 180 U",
        "Exercise, until",
        "Meal bolus 4.35 U, 47 g",
        "Extended bolus 6.5 U, 58 g, 3.9 U at once, 2.6 U over",
        "Delivery suspended",
    ):
        assert words in marks


async def test_a_mark_says_no_more_than_the_log(
    harness: Harness, wearer: Wearer
) -> None:
    """The end of a suspension is only shown where it is known, and a site change where there was one."""
    page = await harness.open("config")
    began, ended = "2026-11-20T10:00:00+00:00", "2026-11-20T10:15:00+00:00"
    suspended = {"start": began, "end": ended, "end_known": True, "reason": "alarm"}
    raw = {
        "suspensions": [
            suspended,
            suspended | {"end_known": False},
            suspended | {"end": None},
        ],
        "site_changes": [
            {"time": began, "kind": kind, "amount_units": 9, "is_site_change": is_site}
            for kind, is_site in (
                ("cartridge", True),
                ("cartridge", False),
                ("tubing", False),
                ("cannula", False),
                ("cannula", True),
            )
        ],
        "sensor_sessions": [{"time": began, "sensor": "libre_3", "expires": None}],
    }
    words = await page.evaluate(WORDS, raw)
    assert words["fills"] == [
        "10:00 Site change, cartridge 9 U",
        "10:00 Cartridge changed, cartridge 9 U",
        "10:00 Tubing filled, tubing 9 U",
        "10:00 Cannula fill not completed, cannula 9 U",
        "10:00 Site change, cannula 9 U",
    ]
    assert words["sessions"] == ["10:00 Sensor started, FreeStyle Libre 3"]
    assert words["suspensions"] == [
        "10:00 Delivery suspended, by an alarm, until 10:15, for 15 min",
        "10:00 Delivery suspended, by an alarm, end not recorded",
        "10:00 Delivery suspended, by an alarm, since 10:00",
    ]


@pytest.mark.parametrize(
    "place",
    [
        ("dark", "the-day", {"color_scheme": "dark"}),
        ("narrow", "the-day", {"viewport": PHONE, "has_touch": True}),
        ("wall", "the-wall", {"viewport": WALL, "color_scheme": "dark"}),
    ],
    ids=["dark", "narrow", "wall"],
)
async def test_it_fits_everywhere(
    harness: Harness,
    wearer: Wearer,
    pictures: Path,
    place: tuple[str, str, dict[str, Any]],
) -> None:
    """On a phone, on a wall and in dark mode nothing is cut off, and colors are those of the theme."""
    name, path, options = place
    card, picture = await drawn(harness, path, **options)
    await card.screenshot(path=pictures / f"{name}.png")
    assert len(await picture.readings()) > 200
    outside = await card.evaluate(OUTSIDE)
    assert outside == []
    surface = await card.locator("ha-card").evaluate(
        "(card) => getComputedStyle(card).backgroundColor"
    )
    dark = options.get("color_scheme") == "dark"
    assert surface == ("rgb(28, 28, 28)" if dark else "rgb(255, 255, 255)")


async def test_ranges(harness: Harness, wearer: Wearer, pictures: Path) -> None:
    """The last hours, one stored day and all of the last 14 days can be displayed."""
    card, _ = await drawn(harness, "the-day")
    for hours in (3, 6, 12, 24):
        await card.get_by_role("button", name=f"{hours} h", exact=True).click()
        picture = await Picture.of(card)
        (_, start), (_, end) = picture.time.first, picture.time.second
        assert end - start == hours * 3_600_000
    await card.screenshot(path=pictures / "hours.png")

    await card.get_by_role("button", name="Day", exact=True).click()
    await card.get_by_role("button", name="Previous day").click()
    await expect(card.locator(".waiting")).to_have_count(0)
    await card.screenshot(path=pictures / "day.png")
    picture = await Picture.of(card)
    shown = await picture.readings()
    yesterday = datetime.now(ZoneInfo(TIME_ZONE)) - timedelta(days=1)
    assert {at.astimezone(ZoneInfo(TIME_ZONE)).date() for at, _ in shown} == {
        yesterday.date()
    }
    assert len(shown) > 200
    await expect(card.locator(".edge")).to_have_count(0)

    await card.get_by_role("button", name="14 days").click()
    await expect(card.locator(".days .one")).to_have_count(14)
    await expect(card.locator(".plot .median")).to_have_count(1)
    await card.screenshot(path=pictures / "fortnight.png")


async def test_a_glucose_that_is_not_of_now_says_its_age(
    harness: Harness, wearer: Wearer
) -> None:
    """After a quarter of an hour the value has neither color nor arrow, and its age beside it."""
    card, _ = await drawn(harness, "the-day")
    glucose = card.locator(".value.glucose")
    await expect(glucose.locator("small")).to_contain_text(re.compile(r"\d+ min ago"))
    assert await glucose.get_attribute("class") == "value glucose "
    await expect(glucose.locator("span")).to_have_text("mg/dL")


async def test_hours_of_the_past(harness: Harness, wearer: Wearer) -> None:
    """One click leads to earlier hours and back, and the range is remembered."""
    card, _ = await drawn(harness, "the-day")
    await card.get_by_role("button", name="6 h", exact=True).click()
    later = card.get_by_role("button", name="Later")
    await expect(later).to_be_disabled()
    await card.get_by_role("button", name="Earlier").click()
    await expect(card.locator(".waiting")).to_have_count(0)
    picture = await Picture.of(card)
    (_, start), (_, end) = picture.time.first, picture.time.second
    ago = datetime.now(UTC).timestamp() * 1000 - end
    assert 5.9 * 3_600_000 < ago < 6.2 * 3_600_000
    assert {
        start <= at.timestamp() * 1000 <= end for at, _ in await picture.readings()
    } == {True}
    await expect(card.locator(".edge")).to_have_count(0)
    await later.click()
    await expect(later).to_be_disabled()
    await expect(card.locator(".edge")).to_have_count(1)
    await card.page.reload()
    card = await card_of(card.page)
    await expect(card.get_by_role("button", name="6 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


async def test_a_range_is_remembered_for_cards_like_it(
    harness: Harness, wearer: Wearer
) -> None:
    """The range is not used for a compact card, which cannot change it, or for one with another first range."""
    whose = {"device_id": wearer.device_id}
    card = {"type": "custom:tconnectsync-card"} | whose
    compact = {"type": "custom:tconnectsync-compact-card"} | whose
    cards = (card, card | {"range": 3}, compact, card)
    await harness.dashboard("the-ranges", *cards)
    page = await harness.open("the-ranges/0")
    name = "tconnectsync-card, tconnectsync-compact-card"
    shown = page.locator(name)
    await expect(shown.locator(".plot svg")).to_have_count(len(cards))
    await shown.nth(0).get_by_role("button", name="14 days").click()
    await page.reload()
    pressed = page.locator(name).locator("[aria-pressed=true]")
    await expect(pressed).to_have_text(["14 days", "3 h", "3 h", "14 days"])


async def test_anywhere_in_the_past_is_a_drag_away(
    harness: Harness, wearer: Wearer
) -> None:
    """The strip leads to any stored day or hour, and a swipe to the next."""
    card, _ = await drawn(harness, "the-day", viewport=PHONE, has_touch=True)
    await card.get_by_role("button", name="14 days").click()
    await expect(card.locator(".days .one")).to_have_count(14)
    await card.get_by_role("button", name="Day", exact=True).click()
    strip = card.get_by_label("Go to")
    today = await card.locator(".day .name").inner_text()
    await strip.focus()
    for _ in range(5):
        await strip.press("ArrowLeft")
    shown = datetime.now(ZoneInfo(TIME_ZONE)) - timedelta(days=5)
    await expect(card.locator(".day .name")).to_contain_text(f"{shown.day} ")
    await expect(card.locator(".waiting")).to_have_count(0)
    await expect(card.locator(".glucose .readings")).to_have_count(1)
    before = await card.locator(".day .name").inner_text()
    await card.locator(".plot").evaluate(SWIPE, 120)
    await expect(card.locator(".day .name")).not_to_have_text(before)
    shown -= timedelta(days=1)
    await expect(card.locator(".day .name")).to_contain_text(f"{shown.day} ")
    await strip.press("End")
    await expect(card.locator(".day .name")).to_have_text(today)
    await card.locator(".plot").evaluate(SWIPE, -120)
    await expect(card.locator(".day .name")).to_have_text(today)
    await card.get_by_role("button", name="6 h", exact=True).click()
    await strip.press("Home")
    await expect(card.locator(".waiting")).to_have_count(0)
    picture = await Picture.of(card)
    assert picture.time.second[1] - picture.time.first[1] == 6 * 3_600_000
    assert picture.instant(0) < datetime.now(UTC) - timedelta(days=12)


async def test_on_a_wide_screen_details_stand_beside_what_is_touched(
    harness: Harness, wearer: Wearer, pictures: Path
) -> None:
    """They are close to the touched mark and never cover it, and the legend stays."""
    card, _ = await drawn(harness, "the-wall", viewport=WALL)
    mark = card.locator(".mark.extended").first
    await mark.hover()
    tip = card.locator(".tip")
    await expect(tip).to_contain_text("Extended bolus 6.5 U")
    await expect(card.locator(".legend")).to_be_visible()
    tip_box, about = await tip.bounding_box(), await mark.bounding_box()
    assert tip_box is not None
    assert about is not None
    assert tip_box["x"] + tip_box["width"] <= about["x"] + about["width"] / 2 or (
        tip_box["x"] >= about["x"] + about["width"] / 2
    )
    await card.screenshot(path=pictures / "tip.png")
    assert await card.evaluate(OUTSIDE) == []


async def test_at_night_a_wall_is_dim(
    harness: Harness, wearer: Wearer, pictures: Path
) -> None:
    """During the chosen hours the card is black in any theme."""
    now = datetime.now(ZoneInfo(TIME_ZONE))
    hours = [f"{now + timedelta(hours=by):%H:%M}" for by in (-1, 1, 2)]
    night = {"night_from": hours[0], "night_to": hours[1]}
    card = {"type": "custom:tconnectsync-card", "device_id": wearer.device_id}
    await harness.dashboard("the-night", card | night, type="panel")
    shown, _ = await drawn(harness, "the-night", viewport=WALL)
    await shown.screenshot(path=pictures / "night.png")
    surface = await shown.locator("ha-card").evaluate(
        "(card) => getComputedStyle(card).backgroundColor"
    )
    assert surface == "rgb(0, 0, 0)"
    day = {"night_from": hours[1], "night_to": hours[2]}
    await harness.dashboard("the-light", card | day, type="panel")
    shown, _ = await drawn(harness, "the-light", viewport=WALL)
    await expect(shown).not_to_have_attribute("night", "")


async def test_a_day_of_the_fortnight_leads_to_that_day(
    harness: Harness, wearer: Wearer
) -> None:
    """A line among the days can be selected, shows its day, and opens it."""
    card, _ = await drawn(harness, "the-day")
    await card.get_by_role("button", name="14 days").click()
    await expect(card.locator(".days .one")).to_have_count(14)
    await card.locator(".cursor").focus()
    await card.page.keyboard.press("Home")
    chosen = card.locator(".days .chosen")
    day = datetime.fromisoformat(await chosen.get_attribute("data-day") or "")
    readout = await card.locator(".readout strong").inner_text()
    assert str(day.day) in readout
    await card.page.keyboard.press("Enter")
    await expect(card.locator(".day .name")).to_have_text(readout)
    await expect(card.locator(".glucose .readings")).to_have_count(1)
    assert len(await (await Picture.of(card)).readings()) > 200


async def test_what_is_under_the_pointer_is_shown(
    harness: Harness, wearer: Wearer
) -> None:
    """Over the course the mouse shows the moment, over a mark its record; leaving hides both."""
    card, picture = await drawn(harness, "the-day")
    plot = await card.locator(".plot").bounding_box()
    assert plot is not None
    drawn_dots = DOT.findall(await picture.path(".glucose .readings"))
    third = len(drawn_dots) // 3
    # The lowest of the middle ones lies far from every mark.
    lowest = max(range(third, 2 * third), key=lambda one: float(drawn_dots[one][1]))
    x, y = map(float, drawn_dots[lowest])
    at, value = (await picture.readings())[lowest]
    await card.page.mouse.move(plot["x"] + x, plot["y"] + y)
    readout = card.locator(".readout")
    local = at.astimezone(ZoneInfo(TIME_ZONE))
    await expect(readout).to_contain_text(f"{local:%H:}")
    await expect(readout).to_contain_text(f"{round(value)} mg/dL")
    await expect(readout).to_contain_text("Basal")
    await card.locator(".mark.meal").last.hover()
    await expect(readout).to_contain_text("Meal bolus 4.35 U")
    await expect(readout).to_contain_text("47 g")
    await card.page.mouse.move(5, 5)
    await expect(readout).to_be_hidden()
    await expect(card.locator(".legend")).to_be_visible()


async def test_a_finger_need_not_be_exact(harness: Harness, wearer: Wearer) -> None:
    """On a phone a tap beside a mark selects it, and it stays selected."""
    card, _ = await drawn(harness, "the-day", viewport=PHONE, has_touch=True)
    box = await card.locator(".mark.meal").last.bounding_box()
    assert box is not None
    await card.page.touchscreen.tap(box["x"] + box["width"] + 8, box["y"] + 10)
    await expect(card.locator(".readout")).to_contain_text("Meal bolus 4.35 U")


async def test_a_touch_after_a_mark_counts(harness: Harness, wearer: Wearer) -> None:
    """The next tap works, and is not lost because the mark was left."""
    card, _ = await drawn(harness, "the-day", viewport=PHONE, has_touch=True)
    await card.locator(".mark.meal").last.tap()
    readout = card.locator(".readout")
    await expect(readout).to_contain_text("Meal bolus 4.35 U")
    plot = await card.locator(".plot").bounding_box()
    assert plot is not None
    await card.page.touchscreen.tap(
        plot["x"] + plot["width"] / 3, plot["y"] + plot["height"] / 4
    )
    await expect(readout).to_be_visible()
    await expect(readout).not_to_contain_text("Meal bolus")


async def test_the_keyboard_reaches_everything(
    harness: Harness, wearer: Wearer
) -> None:
    """Tab leads to the course and to the marks, arrow keys move along them, and Escape leaves."""
    card, picture = await drawn(harness, "the-day")
    keyboard, readout = card.page.keyboard, card.locator(".readout")
    await card.locator(".day .name").focus()
    await keyboard.press("Tab")
    slider = card.get_by_role("slider", name="Time")
    await expect(slider).to_be_focused()
    newest = await slider.get_attribute("aria-valuetext")
    await keyboard.press("ArrowLeft")
    await keyboard.press("PageDown")
    earlier = await slider.get_attribute("aria-valuetext") or ""
    assert earlier != newest
    assert "mg/dL" in earlier
    assert earlier.startswith(await readout.locator("strong").inner_text())
    await keyboard.press("Escape")
    await expect(readout).to_be_hidden()

    await keyboard.press("Tab")
    marks = await picture.marks()
    for label in reversed(marks):
        focused = card.locator(".mark:focus")
        assert await focused.get_attribute("aria-label") == label
        assert label.startswith(await readout.locator("strong").inner_text())
        await keyboard.press("ArrowLeft")
    await keyboard.press("End")
    assert await card.locator(".mark:focus").get_attribute("aria-label") == marks[-1]


async def test_data_too_old_is_not_shown_as_present(
    harness: Harness, silent: Wearer, pictures: Path
) -> None:
    """Old data is marked as old, and no value of it is shown as current; alarms and suspension stay."""
    card = await card_of(await harness.open("the-silence/0"))
    await expect(card.locator(".notice")).to_contain_text(
        re.compile(r"Data ends .*, 5 h.* ago\. Updates after the phone's next upload")
    )
    await expect(card.locator(".age")).to_be_empty()
    await expect(card.locator(".edge.stale")).to_have_count(1)
    await expect(card.locator(".raised")).to_contain_text("Empty cartridge, since")
    await expect(card.locator(".value.basal")).to_contain_text("SuspendedBasal · since")
    for value in await card.locator(".value:not(.basal) b").all():
        await expect(value).to_have_text("–")
    await card.screenshot(path=pictures / "stale.png")
    await card.get_by_role("button", name="3 h", exact=True).click()
    await expect(card.locator(".empty")).to_contain_text("No data for this time")
    await card.screenshot(path=pictures / "stale-empty.png")


async def test_a_badge_says_that_glucose_is_too_low_to_be_measured(
    harness: Harness, low: Wearer
) -> None:
    """The badge uses a word and a color, because the lowest values have no number."""
    page = await harness.open("the-low/0")
    badge = page.locator("tconnectsync-badge-body")
    await expect(badge).to_contain_text(re.compile(r"^\s*Low · \d+ min\s*$"))
    await expect(badge.locator(".very-low")).to_have_count(1)


async def test_by_a_wrong_clock_nothing_is_of_now(
    harness: Harness, mistimed: Wearer, pictures: Path
) -> None:
    """Recently uploaded data may be hours old, so no value is shown as current."""
    card = await card_of(await harness.open("the-wrong-clock/0"))
    await expect(card.locator(".notice")).to_have_text(
        "The pump's clock may be wrong: all times here are uncertain."
    )
    await expect(card.locator(".age")).to_be_empty()
    for value in await card.locator(".value b").all():
        await expect(value).to_have_text("–")
    await card.screenshot(path=pictures / "wrong-clock.png")


async def test_without_data_it_says_why(
    harness: Harness, newcomer: Wearer, pictures: Path
) -> None:
    """For a pump that never uploaded the card is empty with a sentence."""
    page = await harness.open("the-beginning/0")
    card = page.locator("tconnectsync-card")
    await expect(card.locator(".empty")).to_contain_text("has uploaded anything yet")
    await expect(card.locator(".plot svg")).to_have_count(0)
    await card.screenshot(path=pictures / "empty.png")


async def test_a_card_that_points_nowhere_says_so(
    harness: Harness, wearer: Wearer, silent: Wearer
) -> None:
    """For a removed pump, or none chosen among several, the card shows a sentence, not an error."""
    await harness.dashboard(
        "the-lost",
        {"type": "custom:tconnectsync-card", "device_id": "gone"},
        {"type": "custom:tconnectsync-card", "title": "Whose?"},
        {"type": "custom:tconnectsync-card", "range": "forever"},
    )
    page = await harness.open("the-lost/0")
    cards = page.locator("tconnectsync-card")
    await expect(cards.nth(0).locator(".empty")).to_contain_text("no longer exists")
    await expect(cards.nth(1).locator(".empty")).to_contain_text("several accounts")
    await expect(cards.nth(1).locator(".title")).to_have_text("Whose?")
    await expect(page.locator("hui-error-card")).to_be_visible()


async def test_the_person_s_language_times_and_units(
    harness: Harness, wearer: Wearer, pictures: Path
) -> None:
    """Words, decimal separators, hours and the glucose unit are those chosen by the user."""
    glucose = await harness.entity(wearer, "glucose")
    unit = {"options_domain": "sensor", "entity_id": glucose}
    await harness.api.command(
        "config/entity_registry/update",
        **unit,
        options={"unit_of_measurement": "mmol/L"},
    )
    await harness.api.command(
        "frontend/set_user_data",
        key="language",
        value={
            "language": "de",
            "number_format": "language",
            "time_format": "12",
            "date_format": "DMY",
            "time_zone": "server",
            "first_weekday": "language",
        },
    )
    try:
        card, picture = await drawn(harness, "the-day", timezone_id="Asia/Tokyo")
        await expect(card.locator(".value.glucose small")).to_contain_text("Glukose")
        await expect(card.locator(".value.on-board small")).to_contain_text(
            "Aktives Insulin"
        )
        labels = await picture.texts(".target text.limit")
        assert labels == ["3,9", "10,0"]
        marks = "\n".join(await picture.marks())
        assert "Mahlzeitenbolus 4,35 E, 47 g" in marks
        newest = datetime.fromisoformat(
            (await records_of(card, wearer.device_id, picture.instant(0)))["newest"]
        ).astimezone(ZoneInfo(TIME_ZONE))
        await expect(card.locator(".age")).to_contain_text(
            f"{newest.hour % 12 or 12}:{newest:%M}"
        )
        await card.screenshot(path=pictures / "german.png")
    finally:
        await harness.api.command("frontend/set_user_data", key="language", value=None)
        await harness.api.command(
            "config/entity_registry/update",
            **unit,
            options={"unit_of_measurement": "mg/dL"},
        )
