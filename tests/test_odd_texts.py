"""Unusual texts and dates from Tandem do not prevent reading, showing, storing and sending all other data."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import Fault
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import json_bytes

from .conftest import NOON, lived
from .undisturbed import FEATURES
from .world import MINUTE, World

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

ODD: dict[str, Any] = {
    "serialNumber": "9055:66\ud80043",
    "modelName": f"t\udfff{'x' * 300}",
    "softwareVersion": f"\ud800{'7' * 300}",
}
DATES = ("0001-01-01T00:00:00", "9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00")


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A pump that was set up two days ago."""
    freezer.move_to(NOON)
    return lived(2, now=NOON, seed=3)


async def test_odd_texts(world: World) -> None:
    """Unusual texts in registries, states and documents cause no error."""

    def odd(answer: dict[str, Any]) -> dict[str, Any]:
        pump = answer["pumps"][0]
        for profile in pump["settings"]["details"]["profiles"]["profile"]:
            profile["name"] = f"\ud800{'p' * 300}"
        pump |= ODD
        return answer

    world.tandem.faults.add(Fault(path="/pumper/", change=odd, times=None))
    await world.begin([*FEATURES, "profiles"])
    await world.wait(MINUTE)
    assert world.coordinator.last_update_success
    assert world.newest == world.pump.instants[-1]
    assert world.forwarding.status.pending == 0
    assert world.nightscout.documents("treatments")
    assert world.nightscout.documents("profile")
    registry = dr.async_get(world.hass)
    devices = dr.async_entries_for_config_entry(registry, world.entry.entry_id)
    assert json_bytes([device.dict_repr for device in devices])
    sent = len(world.nightscout.documents("treatments"))
    await world.reload()
    assert world.newest == world.pump.instants[-1]
    assert len(world.nightscout.documents("treatments")) == sent


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("field", ["maxDateOfEvents", "lastUploadDate", "range"])
async def test_odd_dates(world: World, field: str, date: str) -> None:
    """Unusual dates of another pump, and later of the pump in use, cause no error."""
    odd: dict[str, Any] = {"availableDataRange": {"start": date, "end": date}}
    if field != "range":
        odd = {field: date}

    def beside(answer: dict[str, Any]) -> dict[str, Any]:
        other = json.loads(json.dumps(answer["pumps"][0])) | {"serialNumber": "1"} | odd
        answer["pumps"].append(other)
        return answer

    def of_all(answer: dict[str, Any]) -> dict[str, Any]:
        for pump in answer["pumps"]:
            pump |= odd
        return answer

    world.tandem.faults.add(Fault(path="/pumper/", change=beside, times=None))
    await world.begin(forwarded=False)
    assert world.coordinator.last_update_success
    assert world.newest == world.pump.instants[-1]
    world.tandem.faults.clear()
    world.tandem.faults.add(Fault(path="/pumper/", change=of_all, times=None))
    await world.upload()
    assert world.coordinator.last_update_success
