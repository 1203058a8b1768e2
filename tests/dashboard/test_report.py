"""A report on the page: its progress, then every figure, or the reason for an error."""

from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.dashboard import report_stream
from demo.pump import SimulatedPump
from demo.tandem import Fault, SimulatedTandem
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.account import add_entry, settle, start
from tests.conftest import EMAIL, lived
from tests.held import Held

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")


FOR_LONG = pytest.mark.parametrize("days_in_use", [45])


@pytest.fixture
def days_in_use() -> int:
    """Days for which the pump was in use: fewer than are stored."""
    return 7


@pytest.fixture
def pump(days_in_use: int) -> SimulatedPump:
    """A pump that was in use for some days."""
    return lived(days_in_use, seed=3)


async def answers_to(
    client: MockHAClientWebSocket, **asked: Any
) -> list[dict[str, Any]]:
    """Request a report and return all messages up to its end."""
    await client.send_json_auto_id({"type": f"{DOMAIN}/report", **asked})
    answer = await client.receive_json()
    assert answer["success"], answer
    events: list[dict[str, Any]] = []
    while not events or "progress" in events[-1]:
        events.append((await client.receive_json())["event"])
    return events


async def test_what_is_kept_is_sent_at_once(
    client: MockHAClientWebSocket, tandem: SimulatedTandem
) -> None:
    """Two weeks need no request to Tandem, and the answer is small."""
    asked = len(tandem.requests)
    [event] = await answers_to(client)
    assert len(tandem.requests) == asked
    assert (event["pump"], event["glucose_unit"]) == ("t:slim X2", "mg/dL")
    report = event["report"]
    assert len(report["days"]) == 14
    assert len(report["profile"]["p50_mg_dl"]) == 96
    glucose = report["glucose"]
    bands = ("very_low", "low", "in_range", "high", "very_high")
    assert sum(glucose[f"{band}_percent"] for band in bands) == pytest.approx(
        100, abs=0.03
    )


@FOR_LONG
async def test_progress_is_sent_while_days_are_read(
    client: MockHAClientWebSocket,
) -> None:
    """The progress rises from little to complete."""
    *progress, last = await answers_to(client, days=90)
    shares = [event["progress"] for event in progress]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(last["report"]["days"]) == 90


@FOR_LONG
async def test_an_error_at_tandem_is_sent(
    client: MockHAClientWebSocket, tandem: SimulatedTandem
) -> None:
    """An error is sent instead of half a report."""
    tandem.faults.add(Fault(path="/pump-logs/", status=503))
    *_, last = await answers_to(client, days=90)
    assert last == {"error": "tandem_busy"}


@FOR_LONG
async def test_a_page_that_is_closed_reads_no_more(
    hass: HomeAssistant, client: MockHAClientWebSocket, tandem: SimulatedTandem
) -> None:
    """Reading stops, because nobody waits for the report."""
    held = Held(path="/pump-logs/", skip=5)
    tandem.faults.add(held)
    await client.send_json_auto_id({"type": f"{DOMAIN}/report", "days": 90})
    answer = await client.receive_json()
    assert "progress" in (await client.receive_json())["event"]
    await held.asked.wait()
    await client.send_json_auto_id(
        {"type": "unsubscribe_events", "subscription": answer["id"]}
    )
    while (last := await client.receive_json())["type"] != "result":
        assert "progress" in last["event"]
    asked = len(tandem.requests)
    held.let_go.set()
    await settle(hass)
    assert len(tandem.requests) - asked <= 1
    await client.send_json_auto_id({"type": "ping"})
    assert (await client.receive_json())["type"] == "pong"


@FOR_LONG
async def test_an_account_that_is_reloaded_meanwhile(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    tandem: SimulatedTandem,
    entry: MockConfigEntry,
) -> None:
    """The page gets an error instead of the report."""
    held = Held(path="/pump-logs/", skip=5)
    tandem.faults.add(held)
    await client.send_json_auto_id({"type": f"{DOMAIN}/report", "days": 90})
    assert (await client.receive_json())["success"]
    await held.asked.wait()
    await hass.config_entries.async_reload(entry.entry_id)
    held.let_go.set()
    events: list[dict[str, Any]] = []
    while not events or "progress" in events[-1]:
        events.append((await client.receive_json(timeout=30))["event"])
    assert events[-1] == {"error": "unloaded"}


async def test_an_account_that_is_not_loaded(
    hass: HomeAssistant, client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """An account that is not loaded has no report."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    await client.send_json_auto_id({"type": f"{DOMAIN}/report"})
    answer = await client.receive_json()
    assert answer["error"]["translation_key"] == "unloaded"


async def test_an_account_that_goes_meanwhile(
    client: MockHAClientWebSocket, entry: MockConfigEntry
) -> None:
    """The account's files are closed, and the page gets an error."""
    store = entry.runtime_data.store
    with patch.object(
        type(store), "_refuse_once_closed", side_effect=HomeAssistantError
    ):
        [event] = await answers_to(client)
    assert event == {"error": "unloaded"}


async def test_what_nobody_foresaw(
    client: MockHAClientWebSocket, caplog: pytest.LogCaptureFixture
) -> None:
    """The page does not wait forever: it points to the log, which has the details."""
    with patch(f"{report_stream.__name__}.report_of", side_effect=KeyError("odd")):
        [event] = await answers_to(client)
    assert event == {"error": "other"}
    assert "KeyError: 'odd'" in caplog.text


async def test_nothing_was_uploaded_yet(
    hass: HomeAssistant, tandem: SimulatedTandem, hass_ws_client: WebSocketGenerator
) -> None:
    """Before the first upload there is no report."""
    tandem.accounts[EMAIL.lower()].pumps.clear()
    assert await start(hass, add_entry(hass, tandem))
    client = await hass_ws_client(hass)
    [event] = await answers_to(client)
    assert event == {"error": "nothing_recorded"}
