"""Undocumented parts of Home Assistant that the integration uses still exist."""

from importlib import import_module
from inspect import signature

import pytest

from custom_components.tconnectsync.sensor import SUGGESTED_UNIT
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)


def test_the_recorder_can_be_waited_for() -> None:
    """The recorder still has SynchronizeTask, which waits for pending writes that its own wait leaves out."""
    tasks = import_module("homeassistant.components.recorder.tasks")
    task = getattr(tasks, "SynchronizeTask", None)
    if task is None or list(signature(task).parameters) != ["future"]:
        pytest.fail(
            "The recorder's SynchronizeTask is gone or another one: statistics_import.py"
            " needs another way to wait until the recorder has done all it was asked to"
        )


def test_a_first_unit_is_kept_where_it_is_changed() -> None:
    """Home Assistant still stores a sensor's suggested unit where the integration replaces it."""
    sensor = SensorEntity()
    sensor.entity_description = SensorEntityDescription(
        key="glucose",
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement="mg/dL",
        suggested_unit_of_measurement="mmol/L",
    )
    place, key = SUGGESTED_UNIT
    if sensor.get_initial_entity_options() != {place: {key: "mmol/L"}}:
        pytest.fail(
            "Home Assistant keeps a sensor's first unit elsewhere: sensor.py needs another"
            " way to show glucose in the unit of the options"
        )
