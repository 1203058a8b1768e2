"""Every entity has a translated name, an icon and a category, and says how old its value is."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.tconnectsync.binary_sensor import (
    BINARY_SENSORS,
    CONNECTED,
    DATA_STALE,
)
from custom_components.tconnectsync.button import SYNC_NOW
from custom_components.tconnectsync.calendar import CALENDAR
from custom_components.tconnectsync.event import EVENTS
from custom_components.tconnectsync.sensors import SENSORS
from custom_components.tconnectsync.sensors.nightscout import (
    BACKFILL_PROGRESS,
    FORWARDING_SENSORS,
)
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.util import slugify

from .entity_states import object_id

ROOT = Path(__file__).parent.parent / "custom_components" / "tconnectsync"
ALL_SENSORS = (*SENSORS, *FORWARDING_SENSORS, BACKFILL_PROGRESS)
DESCRIPTIONS = {
    "binary_sensor": (*BINARY_SENSORS, CONNECTED, DATA_STALE),
    "button": (SYNC_NOW,),
    "calendar": (CALENDAR,),
    "event": EVENTS,
    "sensor": ALL_SENSORS,
}
ALL = [
    (platform, description.key)
    for platform, descriptions in DESCRIPTIONS.items()
    for description in descriptions
]
HAS_ICON_OF_ITS_OWN = {("sensor", "battery")}
WITH_A_SERIES = {
    "basal_rate",
    "basal_today",
    "bolus_today",
    "carbs_today",
    "glucose",
    "insulin_on_board",
    "insulin_on_board_estimate",
    "insulin_today",
    "last_bolus",
    "last_carbs",
    "last_meal_bolus",
}
"""Entities whose amounts long-term statistics have at their true time."""
NEVER_STALE = {"cgm_type"}
"""The type of the sensor in use, which does not become stale."""


def words(name: str) -> Any:
    """The entity section of translations/en.json or icons.json."""
    return json.loads((ROOT / name).read_text())["entity"]


@pytest.mark.parametrize(("platform", "key"), ALL)
def test_everything_has_a_name_and_a_picture(platform: str, key: str) -> None:
    """Names match the entity keys with few exceptions; icons are given unless the device class has one."""
    named = slugify(words("translations/en.json")[platform][key]["name"])
    assert named == object_id(platform, key)
    icon = words("icons.json").get(platform, {}).get(key)
    assert bool(icon) != ((platform, key) in HAS_ICON_OF_ITS_OWN)


def test_nothing_has_words_that_is_not_there() -> None:
    """Names and icons of removed entities would confuse translators."""
    for name in ("translations/en.json", "icons.json"):
        for platform, keys in words(name).items():
            known = {key for one, key in ALL if one == platform}
            assert set(keys) - known == set(), (name, platform)


def test_every_state_has_words() -> None:
    """All states of a sensor are translated, and no others."""
    translations = words("translations/en.json")["sensor"]
    for sensor in SENSORS:
        states = translations[sensor.key].get("state", {})
        assert list(states) == list(dict.fromkeys(sensor.options or ())), sensor.key
        assert all(states.values())
        assert (sensor.device_class == SensorDeviceClass.ENUM) == bool(sensor.options)


def test_every_event_has_words() -> None:
    """All event types are translated, for every known alarm and alert."""
    translations = words("translations/en.json")["event"]
    for event in EVENTS:
        types = translations[event.key]["state_attributes"]["event_type"]["state"]
        assert list(types) == list(event.event_types or ())


def test_pictures_differ_where_states_do() -> None:
    """The icon of a state differs from the default one, and only existing states have one."""
    options = {sensor.key: set(sensor.options or ()) for sensor in ALL_SENSORS}
    for platform, keys in words("icons.json").items():
        for key, icon in keys.items():
            states = icon.get("state", {})
            assert icon["default"] not in states.values(), key
            known = options[key] if platform == "sensor" else {"on", "off"}
            assert set(states) <= known, key


def test_statistics_are_kept_once() -> None:
    """Amounts recorded at their true time are not summed again when they arrive."""
    for sensor in SENSORS:
        if sensor.key in WITH_A_SERIES:
            assert sensor.state_class is None, sensor.key


def test_no_total_of_today_is_averaged() -> None:
    """Totals of today have no mean, which would say nothing about a value that grows until midnight."""
    today = [sensor for sensor in SENSORS if sensor.key.endswith("_today")]
    assert len(today) == 6
    assert {sensor.state_class for sensor in today} == {None}


def test_only_what_lasts_has_no_age() -> None:
    """All other entities show a time, a last event, or the instant that their value is of."""
    lasting = {
        sensor.key
        for sensor in SENSORS
        if sensor.as_of_fn is None
        and sensor.device_class != SensorDeviceClass.TIMESTAMP
        and not sensor.key.startswith("last_")
    }
    assert lasting == NEVER_STALE
