"""Blueprints: each is loaded into a real Home Assistant and fired."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)

from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict

FOLDER = Path("blueprints/automation/tconnectsync")
TELL = [
    {
        "event": "told",
        "event_data": {"title": "{{ title | default }}", "message": "{{ message }}"},
    }
]


@pytest.fixture(autouse=True)
async def turned_off(hass: HomeAssistant) -> AsyncIterator[None]:
    """Leave no automation waiting for its time."""
    yield
    if hass.services.has_service("automation", "turn_off"):
        everything = {"entity_id": "all"}
        await hass.services.async_call("automation", "turn_off", everything, True)


async def automate(
    hass: HomeAssistant, name: str, inputs: Mapping[str, Any]
) -> list[Event]:
    """Make an automation of a blueprint and return what it tells."""
    await hass.async_add_executor_job(
        copytree, "blueprints", hass.config.path("blueprints")
    )
    blueprint = {
        "path": f"tconnectsync/{name}.yaml",
        "input": {**inputs, "actions": TELL},
    }
    await async_setup_component(hass, "event", {})
    assert await async_setup_component(
        hass, "automation", {"automation": {"use_blueprint": blueprint}}
    )
    await hass.async_block_till_done()
    assert hass.states.get("automation.automation_0") is not None
    return async_capture_events(hass, "told")


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, **time: float
) -> None:
    """Let time go by."""
    freezer.tick(timedelta(**time))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


def raise_alarm(hass: HomeAssistant, kind: str, late_minutes: float = 60) -> None:
    """Let the event entity tell an alarm."""
    hass.states.async_set(
        "event.pump_alarm",
        dt_util.utcnow().isoformat(),
        {
            "event_type": kind,
            "meaning": kind.capitalize(),
            "pump_time": "2026-11-20T14:05:00",
            "late_seconds": late_minutes * 60,
            "cleared": False,
        },
        force_update=True,
    )


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_blueprint_says_where_it_comes_from(path: Path) -> None:
    """The import link finds it there, and its age limit is honest."""
    about = load_yaml_dict(str(path))["blueprint"]
    assert isinstance(about, dict)
    assert about["source_url"].endswith(path.as_posix())
    assert "hour" in about["description"]


async def test_a_chosen_alarm_is_told_with_the_pumps_time(hass: HomeAssistant) -> None:
    """Its age is said as well."""
    told = await automate(hass, "pump_alarm", {"events": ["event.pump_alarm"]})
    hass.states.async_set("event.pump_alarm", "unknown", {"event_type": None})
    raise_alarm(hass, "occlusion")
    await hass.async_block_till_done()
    assert [event.data for event in told] == [
        {
            "title": "Pump: Occlusion",
            "message": "Occlusion at 14:05 by the pump's clock, 60 minutes ago.",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "late_minutes"), [("out_of_range", 1), ("occlusion", 181)]
)
async def test_other_and_old_alarms_are_not_told(
    hass: HomeAssistant, kind: str, late_minutes: float
) -> None:
    """A sensor out of range is not among the defaults."""
    told = await automate(hass, "pump_alarm", {"events": ["event.pump_alarm"]})
    hass.states.async_set("event.pump_alarm", "unknown", {"event_type": None})
    raise_alarm(hass, kind, late_minutes)
    await hass.async_block_till_done()
    assert told == []


async def test_insulin_site_and_sensor_run_out(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Each is told once."""
    now = dt_util.utcnow()
    hass.states.async_set("sensor.reservoir", "80")
    hass.states.async_set("sensor.site", (now - timedelta(days=2)).isoformat())
    hass.states.async_set("sensor.expires", (now + timedelta(hours=48)).isoformat())
    told = await automate(
        hass,
        "running_out",
        {
            "reservoir": "sensor.reservoir",
            "site_changed": "sensor.site",
            "sensor_expires": "sensor.expires",
        },
    )
    await pass_time(hass, freezer, minutes=1)
    assert told == []
    hass.states.async_set("sensor.reservoir", "29.4")
    await hass.async_block_till_done()
    assert told[-1].data["message"] == "29 units of insulin are left."
    await pass_time(hass, freezer, days=1, minutes=1)
    assert told[-1].data["message"] == "The infusion site is 3 days old."
    await pass_time(hass, freezer, hours=13)
    assert told[-1].data["message"].startswith("The sensor expires at")
    await pass_time(hass, freezer, hours=1)
    assert len(told) == 3


async def test_without_a_chosen_sensor_nothing_is_told(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Everything may be left empty."""
    told = await automate(hass, "running_out", {})
    await pass_time(hass, freezer, days=10)
    assert told == []


async def test_a_stalled_upload_is_told_after_the_wait(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Data that comes in time is no trouble."""
    hass.states.async_set("binary_sensor.stale", "off")
    told = await automate(hass, "upload_stalled", {"data_stale": "binary_sensor.stale"})
    hass.states.async_set("binary_sensor.stale", "on")
    await pass_time(hass, freezer, minutes=29)
    assert told == []
    await pass_time(hass, freezer, minutes=2)
    assert len(told) == 1


async def test_a_long_suspension_is_told_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """It counts from when delivery stopped, not from when that was uploaded."""
    since = dt_util.utcnow()
    hass.states.async_set("binary_sensor.suspended", "off")
    told = await automate(
        hass, "delivery_suspended", {"suspended": "binary_sensor.suspended"}
    )
    await pass_time(hass, freezer, minutes=40)
    hass.states.async_set("binary_sensor.suspended", "on", {"since": since.isoformat()})
    await hass.async_block_till_done()
    assert told == []
    await pass_time(hass, freezer, minutes=21)
    await pass_time(hass, freezer, minutes=5)
    assert len(told) == 1
