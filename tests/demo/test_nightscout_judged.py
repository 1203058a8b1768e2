"""Home Assistant's own Nightscout integration works with the simulated one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr

from .nightscout_site import SECRET, Asker, nightscout_site


async def set_up(hass: HomeAssistant, url: str, secret: str | None = SECRET) -> Any:
    """Run the integration's own set-up, as a user does."""
    flow = await hass.config_entries.flow.async_init(
        "nightscout", context={"source": SOURCE_USER}
    )
    given = {"url": url} | ({"api_key": secret} if secret else {})
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], given)
    await hass.async_block_till_done()
    return result


async def post_glucose(site: Asker, value: int) -> datetime:
    """Post a current reading; return its time."""
    moment = datetime.now(UTC).replace(microsecond=0)
    reading = {
        "type": "sgv",
        "sgv": value,
        "date": int(moment.timestamp() * 1000),
        "dateString": moment.isoformat(),
        "device": "t:slim X2",
        "direction": "FortyFiveUp",
        "delta": 4,
    }
    await site.post("entries", reading)
    return moment


@pytest.mark.parametrize("version", ["15.0.6", "15.0.7"])
async def test_its_sensor_shows_the_newest_glucose(
    hass: HomeAssistant, version: str
) -> None:
    """The integration signs in, names version and site, and follows new readings."""
    async with nightscout_site(version=version, default_roles=("denied",)) as site:
        moment = await post_glucose(site, 123)
        result = await set_up(hass, site.server.url)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["title"] == "Nightscout"
        (entry,) = hass.config_entries.async_entries("nightscout")
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        assert device.sw_version == version
        state = hass.states.get("sensor.blood_sugar")
        assert state is not None
        assert state.state == "123"
        assert state.attributes["date"] == moment
        assert state.attributes["direction"] == "FortyFiveUp"
        assert state.attributes["device"] == "t:slim X2"

        await post_glucose(site, 131)
        async_fire_time_changed(hass, datetime.now(UTC) + timedelta(minutes=2))
        await hass.async_block_till_done(wait_background_tasks=True)
        state = hass.states.get("sensor.blood_sugar")
        assert state is not None
        assert state.state == "131"
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("secret", "error"), [("another secret", "invalid_auth"), (None, "invalid_auth")]
)
async def test_it_is_refused_without_the_secret(
    hass: HomeAssistant, secret: str | None, error: str
) -> None:
    """A wrong secret, or none where reading needs one, is an authentication error."""
    async with nightscout_site(default_roles=("denied",)) as site:
        result = await set_up(hass, site.server.url, secret)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": error}


async def test_it_waits_for_a_server_that_is_away(hass: HomeAssistant) -> None:
    """While the server is stopped the integration retries, and it recovers at the same address."""
    async with nightscout_site() as site:
        await post_glucose(site, 123)
        await set_up(hass, site.server.url)
        (entry,) = hass.config_entries.async_entries("nightscout")
        await site.server.stop()
        await hass.config_entries.async_reload(entry.entry_id)
        away = entry.state
        await site.server.start()
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert (away, entry.state) == (
            ConfigEntryState.SETUP_RETRY,
            ConfigEntryState.LOADED,
        )
        assert await hass.config_entries.async_unload(entry.entry_id)
