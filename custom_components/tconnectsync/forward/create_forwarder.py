"""Creating the forwarder of an account."""

from hashlib import sha256
from zoneinfo import ZoneInfo

import aiohttp

from custom_components.tconnectsync.const import (
    CONF_FEATURES,
    CONF_FIRST_DAYS,
    CONF_NIGHTSCOUT_SECRET,
    CONF_NIGHTSCOUT_URL,
    DEFAULT_FIRST_DAYS,
)
from custom_components.tconnectsync.nightscout.address import normalized
from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.features import DEFAULT_FEATURES, Feature
from custom_components.tconnectsync.storage.account_store import AccountStore
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util import dt as dt_util

from .feature_starts import note_starts
from .forwarder import Forwarder

ADDRESS_DIGITS = 16


async def async_create_forwarder(
    hass: HomeAssistant, entry: ConfigEntry, store: AccountStore, zone: ZoneInfo
) -> Forwarder | None:
    """Return the forwarder to the entry's site, None without one; the zone is that of the pump's clock."""
    url = entry.data.get(CONF_NIGHTSCOUT_URL)
    if not url:
        store.state.forwarding.use(None)
        return None
    client = NightscoutClient(
        async_create_clientsession(hass, cookie_jar=aiohttp.CookieJar()),
        url,
        entry.data[CONF_NIGHTSCOUT_SECRET],
        verify_tls=entry.data.get(CONF_VERIFY_SSL, True),
    )
    address = sha256(normalized(url).encode()).hexdigest()[:ADDRESS_DIGITS]
    features = [
        Feature(feature)
        for feature in entry.options.get(CONF_FEATURES, DEFAULT_FEATURES)
    ]
    note_starts(
        store.state,
        address,
        features,
        dt_util.now(zone).date(),
        entry.data.get(CONF_FIRST_DAYS, DEFAULT_FIRST_DAYS),
    )
    # The starts stay in memory if the disk fails, so that no alarm is missed for that.
    await store.async_save_if_possible()
    return Forwarder(client, store, address, features, zone.key)
