"""All languages have all texts of English, with the same placeholders."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from string import Formatter
from typing import Any

import pytest

from custom_components.tconnectsync.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from homeassistant.util import slugify

FOLDER = Path("custom_components/tconnectsync/translations")
ENGLISH = FOLDER / "en.json"
LANGUAGES = ["da", "de", "es", "fr", "it", "nl", "sv"]
MARKS = re.compile(r"\*\*|`|\n\n|\[|\]\(")
SAME_EVERYWHERE = 0.25
"""Maximum share of texts that equal the English ones, like names and units."""


def texts(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield all texts with their paths."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from texts(value, f"{path}.{key}")
    else:
        yield path, part


def of(language: str) -> dict[str, str]:
    """Return the texts of a language by path, in order."""
    return dict(texts(json.loads((FOLDER / f"{language}.json").read_text())))


def blanks(text: str) -> set[str]:
    """Return the placeholders of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_languages_are_those_that_are_promised() -> None:
    """There are English and seven other languages."""
    assert {path.stem for path in FOLDER.glob("*.json")} == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    """Each language has the same keys in the same order."""
    assert list(of(language)) == list(of("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_blanks_and_marks_are_the_same(language: str) -> None:
    """Each text has the same placeholders, formatting, links and number of paragraphs as in English."""
    english = of("en")
    for place, text in of(language).items():
        assert blanks(text) == blanks(english[place]), place
        assert sorted(MARKS.findall(text)) == sorted(MARKS.findall(english[place])), (
            place
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_translated(language: str) -> None:
    """Most texts differ from English, and none is empty or has surrounding spaces."""
    english, own = of("en"), of(language)
    assert [
        place for place, text in own.items() if not text or text != text.strip()
    ] == []
    same = [place for place, text in own.items() if text == english[place]]
    assert len(same) < SAME_EVERYWHERE * len(english), same


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_words_are_said_in_the_same_way(language: str) -> None:
    """Alarms and alerts have the same names in sensors and events."""
    own = of(language)
    for event in ("alarm", "alert", "cgm_alert"):
        types = f".entity.event.{event}.state_attributes.event_type.state."
        last = f".entity.sensor.last_{event}.state."
        for place, text in own.items():
            if place.startswith(types):
                assert text == own[last + place.removeprefix(types)], place


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_fields_are_described_for_what_they_are_fields_of(language: str) -> None:
    """Texts of fields differ where their meaning differs, as for supplies, triggers and conditions."""
    own = json.loads((FOLDER / f"{language}.json").read_text())
    triggers, conditions = own["triggers"], own["conditions"]
    due = {
        supply: triggers[f"{supply}_due"]["fields"]["due_in"]
        for supply in ("cartridge", "sensor", "site")
    }
    assert due["site"] == due["cartridge"]
    assert due["site"]["description"] != due["sensor"]["description"]
    assert (
        triggers["site_due"]["fields"]["lasts"]["description"]
        != triggers["cartridge_due"]["fields"]["lasts"]["description"]
    )
    reacts = triggers["alarm_over"]["fields"]["kinds"]
    for trigger in ("alarm_raised", "alert_raised", "bolus_given"):
        assert triggers[trigger]["fields"]["kinds"] == reacts
    assert conditions["alarm_raised"]["fields"]["kinds"] != reacts


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_two_entities_have_one_name(language: str) -> None:
    """Entity names are unique, because entity ids are derived from them."""
    entities = json.loads((FOLDER / f"{language}.json").read_text())["entity"]
    for platform, keys in entities.items():
        names = [slugify(texts["name"]) for texts in keys.values()]
        assert sorted(set(names)) == sorted(names), platform


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_home_assistant_takes_them(
    hass: HomeAssistant, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant loads all texts without a complaint about placeholders."""
    assert await async_setup_component(hass, DOMAIN, {})
    own = of(language)
    for category in (
        *("config", "entity", "exceptions", "issues", "services"),
        *("triggers", "conditions"),
    ):
        found = await async_get_translations(hass, language, category, [DOMAIN])
        prefix = f"component.{DOMAIN}"
        assert {
            place: text for place, text in found.items() if place.startswith(prefix)
        } == {
            f"{prefix}{place}": text
            for place, text in own.items()
            if place.startswith(f".{category}.")
        }
    assert "Validation of translation" not in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_written_as_english_is(language: str) -> None:
    """Files are indented by two spaces, without escaped characters."""
    written = (FOLDER / f"{language}.json").read_text()
    read = json.loads(written)
    assert written == json.dumps(read, indent=2, ensure_ascii=False) + "\n"
