"""An alarm that the pump uploaded reaches everybody within one poll and once, whatever else goes wrong."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from unittest.mock import PropertyMock, patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from homeassistant.const import STATE_ON

from .account import settle
from .automated import Life
from .conftest import full_disk
from .entity_states import quiet_pump, shown

pytestmark = pytest.mark.usefixtures(
    "recorder_mock", "no_pauses_between_reads", "no_late_data"
)

type Wrong = Callable[[], AbstractContextManager[object]]


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump."""
    return quiet_pump(freezer)


def raises(where: str) -> Wrong:
    """Let something of the integration raise what nobody foresaw."""
    return lambda: patch(
        f"custom_components.tconnectsync.{where}",
        side_effect=RuntimeError("unforeseen"),
    )


def another_entity() -> AbstractContextManager[object]:
    """Let an entity raise that is asked before."""
    return patch(
        "custom_components.tconnectsync.binary_sensor.DataStale.is_on",
        PropertyMock(side_effect=RuntimeError("unforeseen")),
    )


ELSEWHERE: dict[str, Wrong] = {
    "boluses": raises("therapy.history.boluses"),
    "state": raises("read.pump_data.state"),
    "figures": raises("read.pump_data.figures"),
    "statistics": raises("statistics_import.TrueTimeStatistics.async_write"),
    "device": raises("follow_ups.async_update_pump_device"),
    "disk": full_disk,
    "repairs": raises("issues.Issues.judge"),
    "another entity": another_entity,
}


@pytest.mark.parametrize("wrong", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_something_else_goes_wrong(life: Life, wrong: Wrong) -> None:
    """It is fired, told and shown at once, and never again; the rest follows once it is well."""
    hass = life.hass
    await life.automate("alarm_raised", kinds=["occlusion"])
    await life.live(minutes=2)
    assert shown(hass, "event.alarm_raised").state == "unknown"
    life.pump.provoke_alarm(2)
    await life.live(minutes=5)
    life.phone()
    with wrong():
        await life.entry.runtime_data.coordinator.async_refresh()
        await settle(hass)
        assert [one["kind"] for one in life.fired()] == ["occlusion"]
        raised = shown(hass, "event.alarm_raised")
        assert raised.attributes["event_type"] == "occlusion"
        assert shown(hass, "binary_sensor.alarm").state == STATE_ON
        await life.upload(minutes=6)
    for _ in range(2):
        await life.upload(minutes=6)
    assert life.entry.runtime_data.coordinator.last_update_success
    assert shown(hass, "event.alarm_raised").state == raised.state
    assert await hass.config_entries.async_reload(life.entry.entry_id)
    await life.upload(minutes=6)
    assert shown(hass, "event.alarm_raised").state == raised.state
    assert life.fired() == []
