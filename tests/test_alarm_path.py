"""A pump alarm is shown and fired within one poll and only once, even if other parts fail."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import PropertyMock, patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import Fault
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
    """Let a part of the integration raise an unexpected error."""
    return lambda: patch(
        f"custom_components.tconnectsync.{where}",
        side_effect=RuntimeError("unforeseen"),
    )


def another_entity() -> AbstractContextManager[object]:
    """Let an entity that is updated earlier raise an error."""
    return patch(
        "custom_components.tconnectsync.binary_sensor.DataStale.is_on",
        PropertyMock(side_effect=RuntimeError("unforeseen")),
    )


ELSEWHERE: dict[str, Wrong] = {
    "boluses": raises("therapy.history.boluses"),
    "state": raises("read.pump_data.derive_state"),
    "figures": raises("read.pump_data.compute_figures"),
    "statistics": raises("statistics_import.TrueTimeStatistics.async_write"),
    "device": raises("follow_ups.async_update_pump_device"),
    "disk": full_disk,
    "repairs": raises("issues.Issues.judge"),
    "another entity": another_entity,
}


@pytest.mark.parametrize("wrong", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_something_else_goes_wrong(life: Life, wrong: Wrong) -> None:
    """The alarm is fired and shown at once and only once, and everything else recovers after the error."""
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


async def test_tandem_fails_before_everything_is_read(life: Life) -> None:
    """An alarm on the first page is fired without the remaining pages, which may fail for an hour."""
    await life.automate("alarm_raised", kinds=["occlusion"])
    await life.live(minutes=2)
    life.pump.provoke_alarm(2)
    await life.live(minutes=5)
    life.phone()
    life.tandem.faults.add(Fault(path="/pump-logs/", status=500, skip=1, times=None))
    coordinator = life.entry.runtime_data.coordinator
    await coordinator.async_refresh()
    await settle(life.hass)
    assert not coordinator.last_update_success
    assert [one["kind"] for one in life.fired()] == ["occlusion"]
    raised = shown(life.hass, "event.alarm_raised")
    assert raised.attributes["event_type"] == "occlusion"
    assert shown(life.hass, "binary_sensor.alarm").state == STATE_ON
    life.tandem.faults.clear()
    for _ in range(3):
        await life.upload(minutes=6)
    assert coordinator.last_update_success
    assert shown(life.hass, "event.alarm_raised").state == raised.state
    assert life.fired() == []


@pytest.mark.parametrize("wrong", ["boluses", "state", "figures", "repairs"])
async def test_home_assistant_starts_while_something_goes_wrong(
    life: Life, wrong: str
) -> None:
    """A stored alarm is shown, and new alarms are read and fired despite the error."""
    await life.automate("alarm_raised", kinds=["empty_cartridge"])
    await life.live(minutes=2)
    life.pump.provoke_alarm(2)
    await life.upload(minutes=5)
    assert await life.hass.config_entries.async_unload(life.entry.entry_id)
    with ELSEWHERE[wrong]():
        assert await life.hass.config_entries.async_setup(life.entry.entry_id)
        await settle(life.hass)
        coordinator = life.entry.runtime_data.coordinator
        assert shown(life.hass, "binary_sensor.alarm").state == STATE_ON
        assert coordinator.last_update_success == (wrong == "repairs")
        life.pump.provoke_alarm(8)
        await life.live(minutes=5)
        life.phone()
        await coordinator.async_refresh()
        await settle(life.hass)
        assert [one["kind"] for one in life.fired()] == ["empty_cartridge"]
    for _ in range(2):
        await life.upload(minutes=6)
    assert life.entry.runtime_data.coordinator.last_update_success
    assert life.fired() == []


async def test_a_day_is_lost_on_a_full_disk(life: Life) -> None:
    """An alarm is fired once although the day is read again and nothing can be saved."""
    await life.automate("alarm_raised", kinds=["occlusion"])
    await life.upload(minutes=5)
    assert await life.hass.config_entries.async_unload(life.entry.entry_id)
    newest = max(Path(life.hass.config.config_dir).glob("**/events/*/*.json"))
    newest.write_text("damaged")
    with full_disk():
        assert await life.hass.config_entries.async_setup(life.entry.entry_id)
        await settle(life.hass)
        life.pump.provoke_alarm(2)
        await life.live(minutes=5)
        life.phone()
        await life.entry.runtime_data.coordinator.async_refresh()
        await settle(life.hass)
        assert [one["kind"] for one in life.fired()] == ["occlusion"]
    for _ in range(2):
        await life.upload(minutes=6)
    assert life.entry.runtime_data.coordinator.last_update_success
    assert life.fired() == []
