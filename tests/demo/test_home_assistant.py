"""A complete Home Assistant, set up through its own forms, from the pump to a notification."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from demo.home_assistant import Api, HomeAssistant, RefusedError, entities, set_up
from demo.nightscout import SimulatedNightscout
from demo.places import next_free
from demo.pump import SimulatedPump
from demo.tandem import ListedPump, SimulatedTandem
from tests.conftest import empty_nightscout

EMAIL = "person@example.org"
PASSWORD = "correct horse"
API_SECRET = "battery staple"
OCCLUSION = 2
EMPTY_CARTRIDGE = 8
PATIENCE = 300
"""Timeout in seconds for a busy machine; usually one or two are enough."""


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump with a quiet day and an alarm an hour ago."""
    start = datetime.now(UTC) - timedelta(days=1)
    pump = SimulatedPump(start=start, time_zone=ZoneInfo("UTC"), quiet=True)
    pump.run_for(hours=23)
    pump.provoke_alarm(OCCLUSION)
    pump.clear_alarm(OCCLUSION)
    pump.resume()
    pump.run_for(minutes=50)
    pump.give_bolus(1.5)
    pump.run_for(minutes=5)
    return pump


@pytest.fixture
async def tandem(pump: SimulatedPump) -> AsyncIterator[SimulatedTandem]:
    """A Tandem Source with that pump's first upload."""
    tandem = SimulatedTandem()
    tandem.add_account(EMAIL, PASSWORD).add_pump(pump).upload()
    await tandem.start()
    yield tandem
    await tandem.stop()


@pytest.fixture
async def nightscout() -> AsyncIterator[SimulatedNightscout]:
    """An empty Nightscout."""
    async with empty_nightscout(API_SECRET) as nightscout:
        yield nightscout


@pytest.fixture
async def home_assistant(
    tmp_path: Path, tandem: SimulatedTandem
) -> AsyncIterator[HomeAssistant]:
    """A Home Assistant that was not started yet."""
    home_assistant = HomeAssistant(
        tmp_path / "home-assistant",
        time_zone="UTC",
        environment={"TCONNECTSYNC_DEMO_URL": tandem.url},
        pages=False,
    )
    yield home_assistant
    await home_assistant.stop()


async def written_by_automation(api: Api) -> list[str]:
    """Return the automation's messages."""
    notes = await api.command("persistent_notification/get")
    return [
        note["message"].partition(",")[0]
        for note in notes
        if note["title"] == "Insulin pump alarm"
    ]


async def until_notified(api: Api) -> list[str]:
    """Wait until the automation has sent a message, and return it."""
    async with asyncio.timeout(PATIENCE):
        while not (messages := await written_by_automation(api)):
            await asyncio.sleep(0.5)
    return messages


def boluses(nightscout: SimulatedNightscout) -> list[float]:
    """Return the units of the boluses in Nightscout."""
    return [
        treatment["insulin"]
        for treatment in nightscout.documents("treatments")
        if "insulin" in treatment
    ]


async def state(api: Api, key: str) -> str:
    """Return the state of one of the integration's entities."""
    known = await entities(api)
    answer: str = (await api.get(f"states/{known[key]}"))["state"]
    return answer


async def until_seen(api: Api, upload: datetime) -> None:
    """Have the integration poll until it has an upload."""
    known = await entities(api)
    entity = {"entity_id": known["insulin_on_board"]}
    stale = f"states/{known['data_stale']}"
    wanted = upload.isoformat(timespec="seconds")
    async with asyncio.timeout(PATIENCE):
        while not (
            (seen := (await api.get(stale))["attributes"]["last_upload"])
            and datetime.fromisoformat(seen).isoformat(timespec="seconds") == wanted
        ):
            await api.post("services/homeassistant/update_entity", entity)
            await asyncio.sleep(1)


def raise_alarm(listed: ListedPump, pump: SimulatedPump, alarm: int) -> datetime:
    """Raise an alarm now and upload it; return its time."""
    pump.run_until(datetime.now(UTC))
    pump.resume()
    pump.provoke_alarm(alarm)
    listed.upload()
    assert listed.last_upload
    return listed.last_upload


@pytest.mark.timeout(1200)
async def test_everything_arrives_once(
    home_assistant: HomeAssistant,
    nightscout: SimulatedNightscout,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
) -> None:
    """Old alarms fire nothing, a new one fires once, and so does one that was raised while Home Assistant was down."""
    answers = {
        "email": EMAIL,
        "password": PASSWORD,
        "region": "demo",
        "pump": "automatic",
        "pump_time_zone": "UTC",
        "nightscout_url": nightscout.url,
        "nightscout_secret": API_SECRET,
        "first_days": 1,
        "connection": {"verify_ssl": True},
    }
    listed = tandem.accounts[EMAIL].pumps[0]
    port = next_free(18123)

    await home_assistant.start(port)
    async with Api(home_assistant.url, "demo", "demo") as api:
        with pytest.raises(RefusedError, match="set-up"):
            await set_up(api, {**answers, "password": "wrong"})
        await set_up(api, answers)
        assert float(await state(api, "last_bolus")) == pytest.approx(1.5)
        assert await state(api, "alarm") == "off"
        assert await written_by_automation(api) == []

        await until_seen(api, raise_alarm(listed, pump, OCCLUSION))
        assert await until_notified(api) == ["Occlusion"]
        assert await state(api, "alarm") == "on"
        assert boluses(nightscout) == [1.5]
    await home_assistant.stop()

    uploaded = raise_alarm(listed, pump, EMPTY_CARTRIDGE)
    await home_assistant.start(port)
    async with Api(home_assistant.url, "demo", "demo") as api:
        await until_seen(api, uploaded)
        assert await until_notified(api) == ["Empty cartridge"]
        assert boluses(nightscout) == [1.5]
