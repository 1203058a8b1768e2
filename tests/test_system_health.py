"""The system health page of the integration."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)
from yarl import URL

from custom_components.tconnectsync.const import DOMAIN
from demo.nightscout import SimulatedNightscout
from demo.tandem import SimulatedTandem
from demo.tandem.certificate import make_certificate
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .account import add_entry, start
from .conftest import API_SECRET, EMAIL, PASSWORD

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

UNREACHABLE = {"type": "failed", "error": "unreachable"}
OTHER_EMAIL = "grace@example.org"


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return all entries of the page, and wait for those that are pending."""
    assert await async_setup_component(hass, "system_health", {})
    info = await get_system_health_info(hass, DOMAIN)
    return {
        key: await value if asyncio.iscoroutine(value) else value
        for key, value in info.items()
    }


async def test_all_is_well(
    hass: HomeAssistant, tandem: SimulatedTandem, forwarded: MockConfigEntry
) -> None:
    """Both services are reachable, the newest data has a time, and no address is shown."""
    info = await health(hass)
    listed = tandem.accounts[EMAIL.lower()].pumps[0]
    assert listed.last_upload is not None
    assert info == {
        "accounts": 1,
        "reach_sign_in_demo": "ok",
        "reach_source_demo": "ok",
        "reach_nightscout": "ok",
        "newest_event": listed.pump.instants[-1],
        "newest_upload": listed.last_upload.replace(microsecond=0),
    }


async def test_nothing_can_be_reached(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    forwarded: MockConfigEntry,
) -> None:
    """Each service is reported separately, even for an account that is not loaded."""
    await hass.config_entries.async_unload(forwarded.entry_id)
    await tandem.stop()
    await nightscout.stop()
    assert await health(hass) == {
        "accounts": 1,
        "reach_sign_in_demo": UNREACHABLE,
        "reach_source_demo": UNREACHABLE,
        "reach_nightscout": UNREACHABLE,
        "newest_event": "",
        "newest_upload": "",
    }


async def test_slow_nightscout(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    nightscout: SimulatedNightscout,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A site that does not answer in time is reported as a timeout."""
    await start(hass, add_entry(hass, tandem, nightscout=nightscout))
    await nightscout.stop()
    writers: list[asyncio.StreamWriter] = []

    def keep_waiting(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        freezer.tick(timedelta(seconds=6))

    silent = await asyncio.start_server(
        keep_waiting, "localhost", URL(nightscout.url).port
    )
    assert (await health(hass))["reach_nightscout"] == {
        "type": "failed",
        "error": "timeout",
    }
    for writer in writers:
        writer.close()
    silent.close()
    await silent.wait_closed()


async def test_a_self_signed_certificate(
    hass: HomeAssistant, tandem: SimulatedTandem, tmp_path: Path
) -> None:
    """The check uses the account's setting for the certificate check."""
    certificate = await hass.async_add_executor_job(
        make_certificate, tmp_path, ["localhost"]
    )
    nightscout = SimulatedNightscout(api_secret=API_SECRET, refusal_delay=0)
    await nightscout.start(
        ssl_context=await hass.async_add_executor_job(certificate.for_server)
    )
    # The refused handshake is an error of the simulated site, which runs in Home Assistant's loop.
    hass.loop.set_exception_handler(None)
    entry = add_entry(hass, tandem, nightscout=nightscout)
    await start(hass, entry)
    assert (await health(hass))["reach_nightscout"] == UNREACHABLE
    data = {**entry.data, CONF_VERIFY_SSL: False}
    hass.config_entries.async_update_entry(entry, data=data)
    assert (await health(hass))["reach_nightscout"] == "ok"
    await nightscout.stop()


async def test_no_nightscout(hass: HomeAssistant, tandem: SimulatedTandem) -> None:
    """Without Nightscout there is no entry for it."""
    await start(hass, add_entry(hass, tandem))
    assert "reach_nightscout" not in await health(hass)


async def test_a_region_that_is_gone(
    hass: HomeAssistant, tandem: SimulatedTandem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses of the demo are left out when it does not run."""
    await start(hass, add_entry(hass, tandem))
    monkeypatch.delenv("TCONNECTSYNC_DEMO_URL")
    assert list(await health(hass)) == ["accounts", "newest_event", "newest_upload"]


async def test_two_accounts(hass: HomeAssistant, tandem: SimulatedTandem) -> None:
    """Several accounts are numbered instead of named, because this page is pasted into public issues."""
    tandem.add_account(OTHER_EMAIL, PASSWORD)
    await start(hass, add_entry(hass, tandem, title="Ada Lovelace"))
    other = add_entry(hass, tandem, email=OTHER_EMAIL, title="Grace Hopper")
    await start(hass, other)
    info = await health(hass)
    newest = tandem.accounts[EMAIL.lower()].pumps[0].pump.instants[-1]
    assert info["accounts"] == 2
    assert info["newest_event"] == (f"account 1: {newest.isoformat()}, account 2: none")
    assert "Ada" not in str(info)
    assert "Grace" not in str(info)
