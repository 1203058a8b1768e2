"""The report shows the integration's figures, on every screen and on paper."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
import re
from typing import Any, Literal
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, expect
import pytest

from .harness import PHONE, TIME_ZONE, Harness, Wearer

REPORT = "tconnectsync-report-body"
CARD = "custom:tconnectsync-report-card"
ONE_PAGE_DAYS = 14
MM = 96 / 25.4
PAPERS = {"A4": (210, 297), "Letter": (215.9, 279.4)}
MARGIN_MM = 10
PAGE = re.compile(rb"/Type\s*/Page\b")
HOLD_THE_PRINTER = (
    "window.print = () => { top.printed = document.documentElement.outerHTML; }"
)
ASKED = """(element, message) => new Promise((resolve) => {
  const { connection } = document.querySelector("home-assistant").hass;
  connection.subscribeMessage((answer) => {
    if (answer.report || answer.error) resolve(answer);
  }, { type: "tconnectsync/report", ...message });
})"""
OUTSIDE = """(article) => {
  const { left, right } = article.getBoundingClientRect();
  return [...article.querySelectorAll("h2, h3, p, small, td, svg, svg text, .day *")]
    .filter((part) => part.getClientRects().length)
    .filter((part) => {
      const box = part.getBoundingClientRect();
      const cut = part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "inline";
      return box.left < left - 1 || box.right > right + 1 || (cut && !part.closest("svg"));
    })
    .map((part) => `${part.tagName} ${part.textContent}`);
}"""
"""Returns words and pictures that stick out of the page or of their place."""
OVERLAPPING = """(picture) => {
  const boxes = [...picture.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
  const over = ([, one], [, other]) =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 4 && other.top < one.bottom - 4;
  return boxes.flatMap((one, index) => boxes.slice(index + 1).filter((other) => over(one, other)).map(([words]) => `${one[0]} ${words}`));
}"""
FIRST_DAY = """async (shown, not_known_minutes) => {
  Object.assign(shown._answer.report.days[0], { not_known_minutes, basal_units: 12, bolus_units: 0, carbs_grams: 0 });
  await shown._show();
  return shown.shadowRoot.querySelector(".day .sums").lastChild.textContent;
}"""
"""Daily insulin and carbs with this much unknown."""
NOTE_CONTRAST = """(article) => {
  const note = document.createElement("p");
  note.className = "note";
  article.append(note);
  const context = document.createElement("canvas").getContext("2d");
  const light = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((share) =>
      share / 255 <= 0.04045 ? share / 255 / 12.92 : ((share / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const lights = [getComputedStyle(note).color, getComputedStyle(article.parentElement).backgroundColor].map(light);
  note.remove();
  return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
}"""
"""The contrast of a warning's text, by WCAG 2."""
LEAST_CONTRAST = 4.5
NOTE_WORDS = """(report) => {
  window.noted = [];
  new MutationObserver(() => {
    const words = report.shadowRoot.querySelector(".words");
    if (words?.querySelector("progress")) window.noted.push(words.textContent);
  }).observe(report.shadowRoot, { childList: true, subtree: true });
}"""
"""Records the text on the page while days are read."""
LOST_AND_BACK = """async (shown) => {
  const { connection } = shown._hass;
  const listeners = new Set();
  const noted = { asked: 0, ended: 0 };
  let answers = false;
  const lossy = {
    addEventListener: (name, listener) => listeners.add(listener),
    removeEventListener: (name, listener) => listeners.delete(listener),
    subscribeMessage: async (...message) => {
      noted.asked += 1;
      if (!answers) return new Promise(() => {});
      const end = await connection.subscribeMessage(...message);
      return async () => {
        noted.ended += 1;
        await end();
      };
    },
  };
  const ready = () => listeners.forEach((listener) => listener());
  const until = async (holds) => {
    for (let frame = 0; frame < 600 && !holds(); frame += 1) await new Promise(requestAnimationFrame);
  };
  const report = document.createElement(shown.localName);
  report.setConfig(shown._config);
  document.body.append(report);
  report.hass = { ...shown._hass, connection: lossy };
  answers = true;
  ready();
  await until(() => report.shadowRoot.querySelector(".day"));
  ready();
  report.remove();
  ready();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { ...noted, listeners: listeners.size };
}"""
"""Shows a report whose connection is lost before the answer, and again before the report is left."""
REFUSED_AT_FIRST = """async (shown) => {
  const { connection, config } = shown._hass;
  let asked = 0;
  const starting = {
    addEventListener: () => {},
    removeEventListener: () => {},
    subscribeMessage: async (...message) => {
      asked += 1;
      if (asked === 1) throw { code: "unknown_command", message: "Unknown command." };
      return connection.subscribeMessage(...message);
    },
  };
  const report = document.createElement(shown.localName);
  report.setConfig(shown._config);
  document.body.append(report);
  const hass = { ...shown._hass, connection: starting };
  report.hass = hass;
  await new Promise((resolve) => setTimeout(resolve, 300));
  report.hass = { ...hass, states: {} };
  const before = asked;
  report.hass = { ...hass, config: { ...config } };
  await new Promise((resolve) => setTimeout(resolve, 300));
  report.remove();
  return [before, asked];
}"""
"""Shows a report while Home Assistant is starting."""


@pytest.fixture(scope="module")
async def report(harness: Harness, wearer: Wearer) -> str:
    """A dashboard with only the report."""
    card = {"type": CARD, "device_id": wearer.device_id}
    await harness.dashboard("the-report", card, type="panel")
    return "the-report/0"


def rounded(value: float, last: str) -> str:
    """Return a number rounded half away from zero."""
    return f"{Decimal(str(value)).quantize(Decimal(last), ROUND_HALF_UP)}"


@pytest.fixture(scope="module")
async def history(harness: Harness) -> str:
    """A dashboard with the report of an account that is older than the stored days."""
    patient = harness.add("patient@example.org", timedelta(days=70), seed=4)
    patient.live(datetime.now(UTC) - timedelta(minutes=30))
    await harness.set_up(patient)
    card = {"type": CARD, "device_id": patient.device_id}
    await harness.dashboard("the-history", card, type="panel")
    return "the-history/0"


async def opened(harness: Harness, path: str, **options: Any) -> Locator:
    """Open the report's dashboard and return its page."""
    page = await harness.open(path, **options)
    article = page.locator(REPORT).locator("article")
    await expect(article.locator(".day")).to_have_count(ONE_PAGE_DAYS)
    return article


async def printed(harness: Harness, article: Locator) -> Page:
    """Print the report and return the printed page."""
    page = article.page
    await page.get_by_role("button", name="Print or save as PDF").click()
    await page.wait_for_function("window.printed")
    paper = await page.context.new_page()
    await paper.set_content("<!doctype html>" + await page.evaluate("window.printed"))
    return paper


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": PHONE, "device_scale_factor": 2}),
    ],
)
async def test_it_fits_every_screen(
    harness: Harness,
    report: str,
    pictures: Path,
    name: str,
    options: dict[str, Any],
) -> None:
    """Nothing is cut off, sticks out or overlaps; colors are those of the theme."""
    article = await opened(harness, report, **options)
    await article.screenshot(path=pictures / f"report-{name}.png")
    assert await article.evaluate(OUTSIDE) == []
    for index in range(2):
        picture = article.locator("section > svg").nth(index)
        assert await picture.evaluate(OVERLAPPING) == []
    ink = await article.evaluate("(article) => getComputedStyle(article).color")
    assert ink == ("rgb(225, 225, 225)" if name == "dark" else "rgb(20, 20, 20)")


async def test_it_says_what_the_figures_are(
    harness: Harness, wearer: Wearer, report: str
) -> None:
    """Every part is there, with the numbers that the integration computed."""
    article = await opened(harness, report)
    asked = {"device_id": wearer.device_id, "days": ONE_PAGE_DAYS}
    figures = (await article.evaluate(ASKED, asked))["report"]
    glucose, insulin = figures["glucose"], figures["insulin"]
    rows = {
        "Mean glucose": rounded(glucose["average_mg_dl"], "1") + " mg/dL",
        "GMI": rounded(glucose["gmi_percent"], "0.1") + " %",
        "Variation (CV)": rounded(glucose["cv_percent"], "0.1") + " %",
        "Sensor use": rounded(glucose["usage_percent"], "1") + " %",
        "Insulin per day": rounded(
            insulin["insulin_units_per_day"], "0.1"
        ).removesuffix(".0"),
        "Basal share": rounded(insulin["basal_share_percent"], "1") + " %",
        "Carbs per day": rounded(insulin["carbs_grams_per_day"], "1") + " g",
        "Control-IQ active": rounded(insulin["control_iq_percent"], "1") + " %",
        "Meal": f"{figures['boluses']['meal']['count']} ×",
        "Automatic": f"{figures['boluses']['automatic']['count']} ×",
        "Infusion site": f"{len(figures['site_changes'])}",
        "Cartridge": f"{len(figures['cartridge_changes'])}",
        "In range": rounded(glucose["in_range_percent"], "0.1") + " %",
        "Very low": rounded(glucose["very_low_percent"], "0.1") + " %",
    }
    for name, words in rows.items():
        named = article.page.get_by_text(name, exact=True)
        row = article.locator("tr", has=named)
        await expect(row.locator("td").last).to_contain_text(words)
    both = rounded(glucose["low_percent"] + glucose["very_low_percent"], "0.1")
    low = article.locator("tr", has_text="54 – 69 mg/dL")
    await expect(low).to_contain_text(f"both {both} %, goal < 4 %")
    shares = await article.locator(".stack div").evaluate_all(
        "(bands) => bands.map((band) => Number(band.style.flexGrow))"
    )
    bands = ("very_high", "high", "in_range", "low", "very_low")
    assert shares == [glucose[f"{band}_percent"] for band in bands]
    profile, lows = (article.locator("section > svg").nth(index) for index in range(2))
    names = await profile.locator("text").all_text_contents()
    assert {"5 %", "25 %", "50 %", "75 %", "95 %", "70", "180"} <= set(names)
    below = sum(bool(share) for share in figures["below_range_by_hour_percent"])
    very_low = sum(bool(share) for share in figures["very_low_by_hour_percent"])
    await expect(lows.locator("rect")).to_have_count(below + very_low)


@pytest.mark.parametrize("paper", list(PAPERS))
async def test_two_weeks_are_one_page_of_paper(
    harness: Harness, report: str, pictures: Path, paper: str
) -> None:
    """The report is printed alone, black on white even from a dark dashboard, and nothing is cut off."""
    article = await opened(harness, report, color_scheme="dark")
    await article.page.add_init_script(HOLD_THE_PRINTER)
    await article.page.reload()
    sheet = await printed(harness, article)
    width, height = (round((side - 2 * MARGIN_MM) * MM) for side in PAPERS[paper])
    await sheet.emulate_media(media="print", color_scheme="light")
    await sheet.set_viewport_size({"width": width, "height": height})
    page = sheet.locator("article")
    await sheet.screenshot(path=pictures / f"report-{paper}.png")
    assert await page.evaluate(OUTSIDE) == []
    box = await page.bounding_box()
    assert box is not None
    assert box["height"] <= height
    assert await sheet.evaluate("document.compatMode") == "CSS1Compat"
    ink = await page.evaluate("(page) => getComputedStyle(page).color")
    assert ink == "rgb(0, 0, 0)"
    pdf = await sheet.pdf(path=pictures / f"report-{paper}.pdf", format=paper)
    assert len(PAGE.findall(pdf)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_qualifies_the_figures_can_be_read(
    harness: Harness, history: str, scheme: Literal["dark", "light"]
) -> None:
    """Warnings have the contrast that text requires."""
    article = await opened(harness, history, color_scheme=scheme)
    assert await article.evaluate(NOTE_CONTRAST) >= LEAST_CONTRAST


async def test_its_times_are_those_of_its_days(
    harness: Harness, report: str, wearer: Wearer
) -> None:
    """In a distant zone the end of the report is still on its last day."""
    article = await opened(harness, report, timezone_id="Pacific/Auckland")
    asked = {"device_id": wearer.device_id, "days": ONE_PAGE_DAYS}
    figures = (await article.evaluate(ASKED, asked))["report"]
    end = datetime.fromisoformat(figures["end"]).astimezone(ZoneInfo(TIME_ZONE))
    assert end.date().isoformat() == figures["days"][-1]["day"]
    await expect(article.locator("p").first).to_contain_text(f"{end:, %H:%M}")


async def test_the_person_s_language(
    harness: Harness, report: str, pictures: Path
) -> None:
    """Words, numbers and days follow the user's settings."""
    words = {"language": "de", "number_format": "language", "time_format": "24"}
    usual = {"date_format": "DMY", "time_zone": "server", "first_weekday": "language"}
    await harness.api.command(
        "frontend/set_user_data", key="language", value=words | usual
    )
    try:
        article = await opened(harness, report)
        await article.screenshot(path=pictures / "report-german.png")
        await expect(article).to_contain_text("Bericht der Insulinpumpe")
        await expect(article).to_contain_text(re.compile(r"\d+,\d %"))
        assert await article.evaluate(OUTSIDE) == []
    finally:
        await harness.api.command("frontend/set_user_data", key="language", value=None)


async def test_older_days_are_read_meanwhile_it_says_how_far(
    harness: Harness, history: str
) -> None:
    """Days that are no longer stored are read from Tandem, and the page shows the progress."""
    article = await opened(harness, history)
    body = article.page.locator(REPORT)
    await body.evaluate(NOTE_WORDS)
    await body.get_by_role("button", name="90 days").click()
    await expect(article.locator(".day")).to_have_count(90)
    noted = await article.page.evaluate("window.noted")
    shares = [int(re.findall(r"(\d+) %", words)[0]) for words in noted]
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert await article.evaluate(OUTSIDE) == []


async def test_a_day_that_is_not_known_has_no_sums(
    harness: Harness, report: str
) -> None:
    """Unknown carbs are not shown as zero, and neither is unknown insulin."""
    shown = (await opened(harness, report)).page.locator(REPORT)
    known, unknown = [await shown.evaluate(FIRST_DAY, minutes) for minutes in (59, 60)]
    assert known == "12 U · 0 g"
    assert unknown == "– · –"


async def test_a_lost_connection_ends_nothing_of_the_next_one(
    harness: Harness, report: str
) -> None:
    """The request is repeated once; the number of the lost subscription may belong to another one then."""
    shown = (await opened(harness, report)).page.locator(REPORT)
    noted = await shown.evaluate(LOST_AND_BACK)
    assert noted == {"asked": 2, "ended": 0, "listeners": 0}


async def test_a_question_that_came_too_early_is_asked_again(
    harness: Harness, report: str
) -> None:
    """The page asks again as soon as the starting Home Assistant has loaded another component."""
    shown = (await opened(harness, report)).page.locator(REPORT)
    assert await shown.evaluate(REFUSED_AT_FIRST) == [1, 2]


async def test_a_form_edits_it(harness: Harness, wearer: Wearer) -> None:
    """Pump and days are chosen by clicking, and the preview shows them."""
    await harness.dashboard("the-appointment")
    page = await harness.open("the-appointment/0?edit=1")
    await page.get_by_role("button", name="Add card").first.click()
    await page.get_by_role("tab", name="By card").click()
    await page.get_by_placeholder("Search cards").fill("pump: report")
    await page.locator("hui-card-picker .card").first.click()
    dialog = page.locator("hui-dialog-edit-card")
    form = dialog.locator("hui-form-editor ha-form").first
    await expect(form).to_contain_text("Optional if there is only one account.")
    await expect(form.get_by_role("radio", name="14 days")).to_be_checked()
    await form.get_by_text("30 days").click()
    preview = dialog.locator(REPORT)
    await expect(preview.get_by_role("button", name="30 days")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(dialog.locator(REPORT)).to_have_count(0)
    saved = await harness.api.command("lovelace/config", url_path="the-appointment")
    (card,) = saved["views"][0]["cards"]
    assert card["days"] == "30"
    assert set(card) == {"type", "days", "device_id"}
