"""docs/automations.md names all triggers and conditions, and every example on it works."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.tconnectsync.condition import CONDITIONS
from custom_components.tconnectsync.trigger import TRIGGERS
from demo.pump import SimulatedPump
from homeassistant.core import ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml

from .automated import Life
from .conftest import NOON
from .entity_states import pass_time, quiet_pump

PAGE = Path("docs/automations.md").read_text()
EXAMPLES: dict[str, Any] = {
    example["alias"]: example
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    if isinstance(example := parse_yaml(block), dict)
}


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


@pytest.fixture
async def phone(life: Life, request: pytest.FixtureRequest) -> list[ServiceCall]:
    """The notifications that the example named by a test sends to the phone."""
    calls = async_mock_service(life.hass, "notify", "mobile_app_your_phone")
    example = EXAMPLES[request.param]
    assert await async_setup_component(
        life.hass, "automation", {"automation": [example]}
    )
    await life.hass.async_block_till_done()
    [automation] = life.hass.states.async_all("automation")
    assert automation.state == "on"
    return calls


def words(calls: list[ServiceCall]) -> list[str]:
    """Return the texts of the notifications on the phone."""
    return [call.data["message"] for call in calls]


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize("phone", ["Pump alarm on the phone"], indirect=True)
async def test_an_alarm_and_its_end(life: Life, phone: list[ServiceCall]) -> None:
    """The notification of the end replaces the one of the alarm."""
    await life.live(minutes=20)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=9)
    life.pump.clear_alarm(2)
    await life.upload(minutes=6)
    assert [call.data["title"] for call in phone] == ["t:slim X2: Occlusion"] * 2
    assert words(phone) == [
        "At 12:20, 9 minutes ago.",
        "Cleared at 12:29, 6 minutes ago.",
    ]
    tag = f"pump-{life.device_id}-occlusion"
    assert [call.data["data"]["tag"] for call in phone] == [tag] * 2


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize("phone", ["Low glucose"], indirect=True)
async def test_a_low(life: Life, phone: list[ServiceCall]) -> None:
    """The notification of a low includes the age of the reading."""
    await life.live(minutes=5)
    life.pump.read_glucose(61)
    await life.upload(minutes=7)
    assert words(phone) == ["61 mg/dL, 7 minutes ago."]


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize("phone", ["Enough insulin for the night"], indirect=True)
@pytest.mark.parametrize("silent_hours", [0, 3])
async def test_insulin_for_the_night(
    life: Life, phone: list[ServiceCall], silent_hours: int
) -> None:
    """The notification says that the data is old; silence would suggest that there is enough insulin."""
    nine = NOON.astimezone(UTC) + timedelta(hours=9)
    life.pump.change_site(50)
    await pass_time(
        life.hass, life.freezer, timedelta(hours=1), until=nine - timedelta(minutes=10)
    )
    if not silent_hours:
        await life.upload()
        await life.upload(minutes=5)
    await pass_time(life.hass, life.freezer, until=nine)
    [message] = words(phone)
    if silent_hours:
        assert message == "It is not known how much insulin is left."
    else:
        assert re.fullmatch(r"\d+ U are left, as of 20:55\.", message), message
    assert datetime.now(UTC) == nine


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize("phone", ["Still suspended"], indirect=True)
async def test_a_suspension(life: Life, phone: list[ServiceCall]) -> None:
    """The notification says when the suspension started and when that was last confirmed."""
    life.pump.suspend()
    await life.upload(minutes=10)
    await life.live(minutes=20)
    [message] = words(phone)
    assert re.fullmatch(r"Suspended since 12:00, as of 12:(05|10)\.", message)


def test_every_example_is_tried() -> None:
    """Each example is named in a test of this module."""
    text = Path(__file__).read_text()
    assert len(EXAMPLES) == 4
    assert [alias for alias in EXAMPLES if f'["{alias}"]' not in text] == []


@pytest.mark.parametrize(
    ("heading", "known"), [("Triggers", TRIGGERS), ("Conditions", CONDITIONS)]
)
def test_the_tables_name_what_there_is(heading: str, known: dict[str, Any]) -> None:
    """The tables list all triggers and conditions, with all of their options."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    named = {}
    for row in rows:
        first, _, rest = row.strip("| ").partition(" | ")
        for name in re.findall(r"`(\w+)`", first):
            named[name] = rest
    named = {name: rest for name, rest in named.items() if name in known}
    assert set(named) == set(known)
    for name, rest in named.items():
        for option in known[name].schema.schema["options"]:
            assert f"`{option}`" in rest, (name, str(option))
