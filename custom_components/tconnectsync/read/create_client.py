"""Creation of an entry's Tandem client, with the sign-in stored across restarts."""

from functools import partial

import aiohttp

from custom_components.tconnectsync.const import CONF_PERSON, DOMAIN
from custom_components.tconnectsync.storage.account_store import AccountStore
from custom_components.tconnectsync.tandem import (
    TandemClient,
    Token,
    TokenProvider,
    regions,
)
from custom_components.tconnectsync.worker_thread import async_worker_thread
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_EMAIL, CONF_PASSWORD, CONF_REGION
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.aiohttp_client import async_create_clientsession


@callback
def async_create_client(
    hass: HomeAssistant,
    entry: ConfigEntry,
    store: AccountStore,
    flow_token: Token | None,
) -> TandemClient:
    """Return a client with its own cookies, signed in by the token of a flow or the stored one.

    Raises ConfigEntryError where the entry's region is unknown.
    """
    region = regions().get(entry.data[CONF_REGION])
    if region is None:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="region_unknown"
        )
    session = async_create_clientsession(hass, cookie_jar=aiohttp.CookieJar())

    async def store_token(token: Token) -> None:
        store.state.sign_in.token = token
        await store.async_save_if_possible()

    person: str | None = entry.data.get(CONF_PERSON)
    token = flow_token or store.state.sign_in.token
    if token and person not in (None, token.pumper_id):
        token = None
    store.state.sign_in.token = token
    tokens = TokenProvider(
        session,
        region,
        entry.data[CONF_EMAIL],
        entry.data[CONF_PASSWORD],
        token=token,
        on_token=store_token,
        pumper_id=person,
    )
    run = partial(hass.loop.run_in_executor, async_worker_thread(hass))
    return TandemClient(session, tokens, run=run)
