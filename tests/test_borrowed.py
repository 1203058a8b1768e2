"""What the integration borrows of Home Assistant that nobody promises is still there."""

from importlib import import_module
from inspect import signature

import pytest


def test_the_recorder_can_be_waited_for() -> None:
    """Its own way of waiting does not wait for what it is just doing."""
    tasks = import_module("homeassistant.components.recorder.tasks")
    task = getattr(tasks, "SynchronizeTask", None)
    if task is None or list(signature(task).parameters) != ["future"]:
        pytest.fail(
            "The recorder's SynchronizeTask is gone or another one: statistics_import.py"
            " needs another way to wait until the recorder has done all it was asked to"
        )
