"""Any failed push is visible: not connected, documents pending, and a retry follows."""

import json
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.nightscout.faults import Fault
from demo.pump import SimulatedPump
from tests.conftest import NOON, lived
from tests.world import MINUTE, World

pytestmark = pytest.mark.usefixtures(
    "recorder_mock", "no_pauses_between_reads", "no_late_data"
)

DESIRED = "custom_components.tconnectsync.forward.forwarder.changed_from"
WRITE = "custom_components.tconnectsync.storage.ledger_files.LedgerFiles.save"


@pytest.fixture
def pump(freezer: FrozenDateTimeFactory) -> SimulatedPump:
    """A quiet pump that was used for three days."""
    freezer.move_to(NOON)
    return lived(3, now=NOON, quiet=True)


def says(world: World) -> tuple[str, bool]:
    """Return the state of *Connected* and whether documents are pending, as the user sees them."""
    connected = world.hass.states.get("binary_sensor.nightscout_connected")
    pending = world.hass.states.get("sensor.nightscout_waiting_to_be_sent")
    assert connected
    assert pending
    return connected.state, float(pending.state) > 0


@pytest.mark.parametrize(
    ("where", "error"),
    [
        (DESIRED, RuntimeError("nobody foresaw this")),
        (DESIRED, RecursionError()),
        (WRITE, OSError(28, "No space left on device")),
        (WRITE, OSError(30, "Read-only file system")),
    ],
    ids=["unforeseen", "too deep", "full disk", "read-only disk"],
)
async def test_it_is_seen_logged_once_and_tried_again(
    world: World,
    caplog: pytest.LogCaptureFixture,
    where: str,
    error: Exception,
) -> None:
    """After a failed push Nightscout is not shown as connected, the error is logged once, and a retry recovers."""
    await world.begin(days=2)
    assert says(world) == ("on", False)
    caplog.clear()
    caplog.set_level(logging.INFO, "custom_components.tconnectsync")
    with patch(where, side_effect=error):
        world.live(MINUTE * 60)
        world.listed.upload()
        await world.poll(times=3)
        assert world.forwarding.status.error
        assert says(world) == ("off", True)
        for _ in range(3):
            await world.wait(MINUTE * 31)
    logged = [
        line for line in caplog.records if "send to Nightscout" in line.getMessage()
    ]
    assert len(logged) <= 1
    await world.wait(MINUTE * 31)
    await world.poll()
    assert says(world) == ("on", False)


async def test_absurd_documents_end_no_push(world: World) -> None:
    """Documents that somebody else stored under this integration's name do not break a push."""
    day = world.today()
    absurd: list[dict[str, Any]] = [
        {"utcOffset": 1e300},
        {"utcOffset": "soon"},
        {"created_at": f"{day}T00:30:00.001Z", "tconnectsync_hash": {"a": 1}},
        {"identifier": "tconnectsync:\ud800:alert:0-1"},
        {"identifier": 7},
        {"eventType": "\udfff"},
        {"pump_event_id": "9" * 5000, "enteredBy": "Pump (tconnectsync)"},
    ]
    answer = json.dumps(
        [
            {
                "_id": f"{number:024x}",
                "identifier": f"tconnectsync:55555555:alert:0-{number}",
                "app": "tconnectsync",
                "eventType": "Note",
                "created_at": f"{day}T00:30:0{number}.001Z",
                **odd,
            }
            for number, odd in enumerate(absurd)
        ]
    )
    world.nightscout.faults.add(
        Fault(path="treatments", method="GET", status=200, body=answer, times=None)
    )
    await world.begin(days=2)
    assert says(world) == ("on", False)
    assert world.forwarding.status.error is None
