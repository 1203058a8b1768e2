"""The example in CONTRIBUTING works, and its table and diagram name all folders."""

from pathlib import Path
import re

import pytest

from demo.pump import SimulatedPump

from .conftest import lived
from .entity_states import number
from .world import HOUR, World

TEXT = Path("CONTRIBUTING.md").read_text()


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that gives no bolus unless it is asked to."""
    return lived(3, quiet=True)


@pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")
async def test_a_bolus_is_shown_and_sent_once(world: World) -> None:
    """A bolus is shown and sent once, however often the account is polled."""
    await world.begin()
    world.pump.give_bolus(2.5, carbs=30)
    await world.upload(after=HOUR)
    await world.poll(times=2)
    assert number(world.hass, "last_bolus") == 2.5
    sent = world.nightscout.documents("treatments")
    assert [item["carbs"] for item in sent if item.get("insulin") == 2.5] == [30]


def test_the_example_is_this_one() -> None:
    """The example in CONTRIBUTING is the test above, so that a copy of it works."""
    [example] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert example in Path(__file__).read_text()


def test_the_map_names_every_folder_of_tests() -> None:
    """The table lists every folder of tests and no folder that is gone."""
    named = set(re.findall(r"`tests/(\w+)`", TEXT))
    folders = {path.parent.name for path in Path("tests").glob("*/__init__.py")}
    assert named == {*folders, "cases"}


def test_the_picture_names_every_folder_of_the_integration() -> None:
    """The diagram lists every folder of the integration, and all files that it names exist."""
    picture = TEXT.partition("## Where things are")[2].partition("## ")[0]
    integration = Path("custom_components/tconnectsync")
    folders = {path.parent.name for path in integration.glob("*/__init__.py")}
    assert {name for name in folders if f"{name}/" not in picture} == set()
    files = set(re.findall(r"\b(\w+\.py)\b", picture))
    assert {name for name in files if not (integration / name).is_file()} == set()


@pytest.mark.parametrize(
    "page", [Path("CONTRIBUTING.md"), *sorted(Path("docs").glob("*.md"))], ids=str
)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    """Every module that a page names exists."""
    named = set(re.findall(r"`(?:[\w.]+/)*(\w+\.(?:py|js|ts))`", page.read_text()))
    folders = ("custom_components", "demo", "bench", "tests")
    there = {path.name for folder in folders for path in Path(folder).rglob("*.?*")}
    assert named - there == set()
