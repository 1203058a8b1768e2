"""The README and its pages: tables are complete, links work, and examples run."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.statistics_series import SERIES
from demo.nightscout import SimulatedNightscout
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml

from .account import add_entry, settle, start
from .conftest import lived
from .entity_states import everything_enabled, without_pauses

PAGES = [
    "README.md",
    *(
        f"docs/{page}.md"
        for page in (
            "settings",
            "data",
            "entities",
            "examples",
            "dashboard",
            "nightscout",
            "help",
        )
    ),
]
TEXT = "\n".join(Path(page).read_text() for page in PAGES)
EXAMPLES: list[Any] = [
    parse_yaml(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
]
STOCK_CARDS = {"glance", "statistics-graph", "tile"}
ENTITY = re.compile(
    r"\b(?:sensor|binary_sensor|event|button|calendar)\.(?:t_slim_x2|nightscout)_\w+"
)
PHONE = "mobile_app_your_phone"
ALARM = "event.t_slim_x2_alarm_raised"
BOLUS = "event.t_slim_x2_bolus"


def examples(key: str) -> dict[str, Any]:
    """Return the examples that have a key, by their alias."""
    return {
        example["alias"]: example
        for example in EXAMPLES
        if key in example and "alias" in example
    }


def cards() -> list[dict[str, Any]]:
    """Return all cards of the pages."""
    return [example for example in EXAMPLES if "type" in example]


def rows_of_all() -> list[list[str]]:
    """Return the rows of all tables of entities; the last cell marks those that are disabled by default."""
    return rows("## Sensors", "## Actions")


def rows(after: str, before: str) -> list[list[str]]:
    """Return the rows of the tables between two headings, without header rows."""
    part = TEXT.partition(f"\n{after}\n")[2].partition(f"\n{before}\n")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for number, line in enumerate(lines)
        if not line.startswith("| ---")
        and not (number + 1 < len(lines) and lines[number + 1].startswith("| ---"))
    ]


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump with all features, including a transmitter."""
    return lived(3, seed=1, sensor="g6")


@pytest.fixture
async def entry(
    hass: HomeAssistant, tandem: SimulatedTandem, nightscout: SimulatedNightscout
) -> MockConfigEntry:
    """An account with all entities enabled."""
    entry = add_entry(hass, tandem, nightscout=nightscout)
    with without_pauses(), everything_enabled():
        assert await start(hass, entry)
    return entry


@pytest.fixture
def phone(hass: HomeAssistant) -> list[ServiceCall]:
    """The notifications on the phone."""
    return async_mock_service(hass, "notify", PHONE)


async def automate(hass: HomeAssistant, alias: str) -> None:
    """Create an automation from an example."""
    example = examples("triggers")[alias]
    assert await async_setup_component(hass, "automation", {"automation": [example]})
    await hass.async_block_till_done()
    [automation] = hass.states.async_all("automation")
    assert automation.state == "on"
    assert automation.name == alias


def happen(hass: HomeAssistant, entity: str, kind: str | None, **details: Any) -> None:
    """Let an event entity fire."""
    hass.states.async_set(
        entity,
        dt_util.utcnow().isoformat() if kind else "unknown",
        {"event_type": kind, "pump_time": "2026-11-20T14:05:00", **details},
        force_update=True,
    )


@pytest.mark.usefixtures("recorder_mock")
async def test_tables_name_every_entity(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """The tables list every entity by name."""
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    sensors = {
        row[0]: row[-1]
        for row in rows("## Sensors", "## Binary sensors, button and calendar")
    }
    others = [
        row[0] for row in rows("## Binary sensors, button and calendar", "## Events")
    ]
    events = [row[0] for row in rows("## Events", "## Actions")]

    def of(*domains: str) -> list[str]:
        return sorted(
            str(one.original_name) for one in entities if one.domain in domains
        )

    assert sorted(sensors) == of("sensor")
    assert sorted(others) == of("binary_sensor", "button", "calendar")
    assert sorted(events) == of("event")


@pytest.mark.usefixtures("recorder_mock")
async def test_tables_say_what_is_off_at_first(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    entity_registry: er.EntityRegistry,
) -> None:
    """The tables mark exactly the entities that are disabled by default."""
    entry = add_entry(hass, tandem, nightscout=nightscout)
    with without_pauses():
        assert await start(hass, entry)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {row[0] for row in rows_of_all() if row[-1] != "off"} == names(
        one for one in entities if not one.disabled_by
    )
    assert {row[0] for row in rows_of_all() if row[-1] == "off"} == names(
        one for one in entities if one.disabled_by
    )
    listed = dict(rows("## Entities", "## Read on"))
    assert set().union(*map(named, listed.values())) == names(
        one for one in entities if not one.disabled_by
    )
    devices = {
        part: {one.device_id for one in entities if one.original_name in named(words)}
        for part, words in listed.items()
    }
    [site] = devices.pop("Nightscout")
    assert site not in set().union(*devices.values())


def names(entities: Iterable[er.RegistryEntry]) -> set[str]:
    """Return the names of entities."""
    return {str(entity.original_name) for entity in entities}


def named(words: str) -> set[str]:
    """Return the names that a sentence lists."""
    return set(words.replace("and the events ", "").split(", "))


@pytest.mark.usefixtures("recorder_mock", "entry")
async def test_examples_name_entities_that_are_there(hass: HomeAssistant) -> None:
    """The entity ids in examples are those of a t:slim X2."""
    named = set(ENTITY.findall(TEXT))
    assert len(named) > 8
    assert {one for one in named if hass.states.get(one) is None} == set()


def test_cards_are_stock_cards() -> None:
    """The example cards need no custom card."""
    assert {card["type"] for card in cards()} == STOCK_CARDS


def test_cards_show_series_that_are_written() -> None:
    """The statistics in examples exist, except for the placeholder of the account."""
    known = {f"{DOMAIN}:00000000_{series.key}" for series in SERIES}
    named = set(re.findall(r"tconnectsync:0{8}_\w+", TEXT))
    assert named
    assert named <= known
    section = TEXT.partition("## Statistics")[2].partition("# Examples")[0]
    assert {f"_{series.key}" for series in SERIES} <= set(
        re.findall(r"`(\w+)`", section)
    )


async def test_an_alarm_is_notified_on_the_phone(
    hass: HomeAssistant, phone: list[ServiceCall]
) -> None:
    """The notification has the pump's time; old alarms and other kinds are not notified."""
    await async_setup_component(hass, "event", {})
    await automate(hass, "Pump alarm on the phone")
    happen(hass, ALARM, None)
    happen(hass, ALARM, "occlusion", meaning="Occlusion", late_seconds=3600)
    await hass.async_block_till_done()
    happen(hass, ALARM, "occlusion", meaning="Occlusion", late_seconds=7300)
    happen(hass, ALARM, "resume_pump_reminder", meaning="Resume", late_seconds=60)
    await hass.async_block_till_done()
    assert [call.data for call in phone] == [
        {
            "title": "Pump: Occlusion",
            "message": "At 14:05 by the pump's clock, 60 minutes ago.",
        }
    ]


@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize(("left", "times"), [("39.6", 1), ("41", 0), ("unknown", 1)])
async def test_the_night_is_looked_ahead_to(
    hass: HomeAssistant,
    phone: list[ServiceCall],
    freezer: FrozenDateTimeFactory,
    left: str,
    times: int,
) -> None:
    """A notification is sent if little insulin is left, or if the amount is unknown."""
    freezer.move_to(dt_util.now().replace(hour=20, minute=59, second=30))
    await automate(hass, "Enough insulin for the night")
    as_of = {"as_of": "2026-05-20T19:40:00+00:00"}
    hass.states.async_set("sensor.t_slim_x2_reservoir", left, as_of)
    freezer.tick(timedelta(minutes=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    said = (
        "It is not known how much insulin is left."
        if left == "unknown"
        else f"{left} U are left, as of 12:40."
    )
    assert [call.data["message"] for call in phone] == [said] * times


async def test_meals_are_written_down(hass: HomeAssistant) -> None:
    """Each meal is added to the activity log, but corrections are not."""
    written = async_mock_service(hass, "logbook", "log")
    await async_setup_component(hass, "event", {})
    await automate(hass, "Write down meals")
    happen(hass, BOLUS, None)
    happen(hass, BOLUS, "meal", insulin=4.2, carbs=45)
    happen(hass, BOLUS, "correction", insulin=1.0, carbs=None)
    await hass.async_block_till_done()
    assert [call.data["message"].strip() for call in written] == [
        "4.2 U for 45 g at 14:05"
    ]


@pytest.mark.usefixtures("recorder_mock", "entry")
async def test_scripts_answer(hass: HomeAssistant, phone: list[ServiceCall]) -> None:
    """The scripts report the carbs of a week and try a backfill."""
    tried = async_mock_service(hass, "persistent_notification", "create")
    scripts = examples("sequence")
    configuration = {f"example_{n}": one for n, one in enumerate(scripts.values())}
    assert await async_setup_component(hass, "script", {"script": configuration})
    for name in configuration:
        await hass.services.async_call("script", name, blocking=True)
    await settle(hass)
    [carbs] = phone
    assert int(carbs.data["message"].removesuffix(" g")) > 100
    [plan] = tried
    assert "Temp Basal" in plan.data["message"]
    assert re.fullmatch(r"Backfill of \d+ days", plan.data["title"])


@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.usefixtures("recorder_mock")
async def test_the_age_of_the_data_is_computed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The template sensor shows the age in minutes, and is unavailable without data."""
    [example] = [one for one in EXAMPLES if "template" in one]
    assert await async_setup_component(hass, "template", example)
    await hass.async_block_till_done()
    age = hass.states.get("sensor.pump_data_age")
    assert age is not None
    assert age.state == "unavailable"
    newest = dt_util.utcnow() - timedelta(minutes=42)
    hass.states.async_set("sensor.t_slim_x2_last_event", newest.isoformat())
    await hass.async_block_till_done()
    age = hass.states.get("sensor.pump_data_age")
    assert age is not None
    assert age.state == "42"


def test_every_example_is_tried() -> None:
    """Each kind of example is covered: automations, scripts, cards, the section and the template sensor."""
    kinds = ("triggers", "sequence", "type", "template", "strategy")
    assert [one for one in EXAMPLES if not any(kind in one for kind in kinds)] == []
    assert set(examples("triggers")) == {
        "Pump alarm on the phone",
        "Enough insulin for the night",
        "Write down meals",
    }


@pytest.mark.usefixtures("recorder_mock")
async def test_the_table_names_every_action(hass: HomeAssistant) -> None:
    """The table lists all actions by their full name, with their fields."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = (await async_get_all_descriptions(hass))[DOMAIN]
    table = {row[0].strip("`"): row[1] for row in rows("## Actions", "## Statistics")}
    assert set(table) == {f"{DOMAIN}.{name}" for name in actions}
    for name, action in actions.items():
        for field in set(action["fields"]) - {"config_entry"}:
            assert f"`{field}`" in table[f"{DOMAIN}.{name}"]


def test_blueprints_can_be_imported() -> None:
    """Each blueprint has an import link, and each link leads to a blueprint."""
    linked = {
        parse_qs(urlsplit(link).query)["blueprint_url"][0].partition("/blob/main/")[2]
        for link in re.findall(
            r"\((https://my\.home-assistant\.io/redirect/blueprint_import/\S+)\)",
            TEXT,
        )
    }
    there = {path.as_posix() for path in Path("blueprints").rglob("*.yaml")}
    assert linked == there


@pytest.mark.parametrize(
    "page",
    [
        *PAGES,
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "docs/assist.md",
        "docs/automations.md",
        "docs/comparison.md",
    ],
)
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    """All links within the repository lead to existing files and headings."""
    path = Path(page)
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text()):
        file, _, heading = link.partition("#")
        linked = path.parent / file if file else path
        assert linked.is_file(), link
        assert not heading or heading in headings(linked), link


def headings(page: Path) -> set[str]:
    """Return the anchors of all headings of a page."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    }


def test_every_fault_names_its_tests() -> None:
    """All tests that docs/faults.md names exist."""
    page = Path("docs/faults.md").read_text()
    named = set(re.findall(r"(?:\w+/)?\btest_\w+", page))
    assert len(named) > 50
    assert [one for one in named if not any(Path("tests").rglob(f"{one}.py"))] == []
