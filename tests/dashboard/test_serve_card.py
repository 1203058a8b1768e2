"""The integration serves its card and registers it with every page once."""

from http import HTTPStatus
import json
from pathlib import Path
import re
from shutil import copytree, rmtree
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.dashboard.card_files import FOLDER
from custom_components.tconnectsync.dashboard.serve_card import card_url
from custom_components.tconnectsync.queries.report_query import DAYS
from custom_components.tconnectsync.therapy.records import KNOWN_KINDS
from demo.tandem import SimulatedTandem
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from tests.account import add_entry, start

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

TEXT = re.compile(r'^  (\w+): "(.*)",$', re.MULTILINE)
ASKED = re.compile(r'import\("(.+?)"\)')
"""Parts that are loaded on demand."""
FIRST_PICTURE_BYTES = 60_000
TYPES = "types.d.ts"
"""Types shared by the parts, for people and editors only."""
OF_THE_CARD = ("texts", "later_texts")
"""The first texts, and all others."""
LEAST_TEXTS = {"texts": 20, "later_texts": 100, "report_texts": 40}
REPORTED_OTHERWISE = {"boluses", "failed", "loading", "mean", "profile"}
"""Texts of the card for which the report has its own words."""
BLANK = re.compile(r"\{(\w+)\}")
IMPORT = re.compile(r'^(?:import|export) .*?from "(.+?)";$', re.MULTILINE | re.DOTALL)

NAMED = re.compile(r'^import {([^}]+)} from "(.+?)";$', re.MULTILINE)
EXPORTED = re.compile(
    r"^export (?:async )?(?:function|const|class) (\w+)|^export {\s*(\w+)\s*}",
    re.MULTILINE,
)


@pytest.fixture
def pages(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Home Assistant's frontend, with the modules it was asked to load or to remove."""
    changes: list[tuple[str, str]] = []
    hass.config.components.add("frontend")
    hass.data[DATA_EXTRA_MODULE_URL] = UrlManager(
        lambda change, url: changes.append((change, url)), []
    )
    return changes


async def address_of(hass: HomeAssistant) -> str:
    """Set up the integration alone and return the address of the card."""
    assert await async_setup_component(hass, DOMAIN, {})
    return card_url(hass)


async def test_the_card_is_served_for_keeps(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Every file is served as JavaScript with a long cache time, signed in or not."""
    url = await address_of(hass)
    client = await hass_client_no_auth()
    base = url.removesuffix("card.js")
    for path in FOLDER.rglob("*.js"):
        answer = await client.get(f"{base}{path.relative_to(FOLDER).as_posix()}")
        assert answer.status == HTTPStatus.OK
        assert answer.content_type in ("text/javascript", "application/javascript")
        assert "max-age=" in answer.headers["Cache-Control"]
        assert await answer.text() == path.read_text()
    assert (await client.get(f"{base}../__init__.py")).status == HTTPStatus.NOT_FOUND


async def test_another_card_has_another_address(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    """Cached files are never older than the installed card."""
    url = await address_of(hass)
    hass.config.components.remove(DOMAIN)
    (tmp_path / "card.js").write_text("another")
    with patch("custom_components.tconnectsync.dashboard.card_files.FOLDER", tmp_path):
        assert await address_of(hass) != url


async def test_an_update_changes_nothing_before_the_restart(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, tmp_path: Path
) -> None:
    """Otherwise a browser would cache a new file under an old address and miss the others."""
    installed = copytree(FOLDER, tmp_path / "frontend")
    with patch("custom_components.tconnectsync.dashboard.card_files.FOLDER", installed):
        url = await address_of(hass)
    rmtree(installed)
    client = await hass_client_no_auth()
    answer = await client.get(url)
    assert answer.status == HTTPStatus.OK
    assert await answer.text() == (FOLDER / "card.js").read_text()


async def test_pages_load_it_once(
    hass: HomeAssistant, pages: list[tuple[str, str]], entry: MockConfigEntry
) -> None:
    """Two accounts, one reloaded and one that failed to set up, register one card."""
    url = card_url(hass)
    assert pages == [("added", url)]
    await hass.config_entries.async_reload(entry.entry_id)
    other = MockConfigEntry(domain=DOMAIN, data={"region": "nowhere"})
    other.add_to_hass(hass)
    assert not await start(hass, other)
    assert pages == [("added", url)]


async def test_it_stays_to_say_that_there_is_no_account(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pages: list[tuple[str, str]],
    entry: MockConfigEntry,
) -> None:
    """Dashboards show that the last account was removed; an account added again uses the same card."""
    url = card_url(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert await start(hass, add_entry(hass, tandem))
    assert pages == [("added", url)]


async def test_home_assistant_without_pages(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without a frontend the integration works all the same."""
    assert await hass.config_entries.async_remove(entry.entry_id)


def loaded_with(path: Path) -> set[Path]:
    """Return a file of the card and all files that it imports at once."""
    needed: set[Path] = set()
    waiting = [path]
    while waiting:
        path = waiting.pop()
        if path not in needed:
            needed.add(path)
            found = IMPORT.findall(path.read_text())
            waiting += [(path.parent / name).resolve() for name in found]
    return needed


def test_every_file_of_the_card_is_reached() -> None:
    """Imports lead from the first file to every other file, and to nothing outside."""
    reached: set[Path] = set()
    waiting = [FOLDER.resolve() / "card.js"]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            found = ASKED.findall(path.read_text())
            waiting += loaded_with(path)
            waiting += [(path.parent / name).resolve() for name in found]
    files = {path.resolve() for path in FOLDER.rglob("*") if path.is_file()}
    assert reached == files - {FOLDER.resolve() / TYPES}


def test_every_name_that_is_imported_is_there() -> None:
    """A missing export would leave the whole card empty."""
    imported = 0
    for path in FOLDER.rglob("*.js"):
        for names, name in NAMED.findall(path.read_text()):
            code = (path.parent / name).read_text()
            exported = {one for found in EXPORTED.findall(code) for one in found if one}
            wanted = {one.split(" as ")[0].strip() for one in names.split(",")} - {""}
            assert wanted <= exported, path.name
            imported += len(wanted)
    assert imported > 100


def test_the_first_picture_needs_no_more_than_this() -> None:
    """Later parts, other languages and dialogs are loaded on demand."""
    needed = loaded_with(FOLDER.resolve() / "card.js")
    assert sum(path.stat().st_size for path in needed) <= FIRST_PICTURE_BYTES
    assert [path.stem for path in needed if path.parent.name == "texts"] == ["en"]


def texts(language: str, *parts: str) -> dict[str, str]:
    """Return the texts of the card, or of another part, in a language."""
    code = [texts_of(language, part) for part in parts or OF_THE_CARD]
    return dict(TEXT.findall("".join(code)))


def texts_of(language: str, part: str) -> str:
    """Return the source of the texts in a language."""
    return (FOLDER / part / f"{language}.js").read_text()


def test_the_report_offers_the_days_that_are_answered() -> None:
    """Other numbers of days would be refused."""
    code = (FOLDER / "report_days.js").read_text()
    assert f"export const DAYS = {list(DAYS)};" in code


def test_the_report_says_only_what_has_a_text() -> None:
    """Every text key in the report's files exists in its own texts or in those of the card."""
    code = "".join(path.read_text() for path in FOLDER.glob("report*.js"))
    named = set(re.findall(r'say\("(\w+)"', code))
    named |= {f"kind_{kind}" for kind in KNOWN_KINDS}
    named |= set(re.findall(r'part\(locale, "(\w+)", "(\w+)"', code)[0])
    assert len(named) > 30
    assert named <= set(texts("en", "report_texts")) | set(texts("en"))
    assert set(texts("en", "report_texts")) & set(texts("en")) <= REPORTED_OTHERWISE


@pytest.mark.parametrize("part", [*OF_THE_CARD, "report_texts"])
@pytest.mark.parametrize(
    "language", sorted(path.stem for path in (FOLDER / "texts").glob("*.js"))
)
def test_every_language_has_every_text(language: str, part: str) -> None:
    """No text is missing or empty, and placeholders match."""
    keys = [key for key, _ in TEXT.findall(texts_of(language, part))]
    assert len(keys) == len(set(keys)) > LEAST_TEXTS[part]
    own, english = texts(language, part), texts("en", part)
    assert list(own) == list(english)
    assert all(own.values())
    for key, words in own.items():
        assert set(BLANK.findall(words)) == set(BLANK.findall(english[key])), key


def test_every_error_has_a_text() -> None:
    """The card has its own words for each error that can keep Tandem from being read."""
    translations = json.loads(
        (FOLDER.parents[1] / "translations" / "en.json").read_text()
    )
    errors = {
        key
        for key in translations["exceptions"]
        if key.startswith("tandem_")
        or key in ("sign_in_refused", "identity_not_verified")
    }
    english = texts("en")
    assert {key for key in errors if f"error_{key}" not in english} == set()


def test_the_dashboard_names_entities_that_there_are() -> None:
    """Every tile and every value of the card belongs to an existing entity."""
    translations = json.loads(
        (FOLDER.parents[1] / "translations" / "en.json").read_text()
    )
    code = (FOLDER / "strategy.js").read_text()
    named = re.findall(r'\["(sensor|binary_sensor|calendar)", "(\w+)"\]', code)
    assert len(named) > 25
    pills = re.findall(
        r'(?:domain: "(\w+)", )?key: "(\w+)"', (FOLDER / "chosen_values.js").read_text()
    )
    for domain, key in [*named, *((domain or "sensor", key) for domain, key in pills)]:
        assert key in translations["entity"][domain]
