"""Serving of the dashboard card, which every page loads without a dashboard resource."""

from pathlib import Path

from custom_components.tconnectsync.const import DOMAIN
from homeassistant.components import frontend
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .card_files import card_files

CARD: HassKey[str] = HassKey(f"{DOMAIN}_card")
"""The fingerprint of the card that pages load, which changes with its files."""
ADDED: HassKey[bool] = HassKey(f"{DOMAIN}_card_added")
"""Whether pages load the card."""


async def async_serve_card(hass: HomeAssistant) -> None:
    """Serve the card's files, which browsers may cache as long as the address is the same."""
    cache = Path(hass.config.cache_path(DOMAIN, "card"))
    files = await hass.async_add_executor_job(card_files, cache)
    await hass.http.async_register_static_paths(
        [
            StaticPathConfig(_base(fingerprint), str(folder), cache_headers=True)
            for fingerprint, folder in files.folders.items()
        ]
    )
    hass.data[CARD] = files.fingerprint


@callback
def async_add_card(hass: HomeAssistant) -> None:
    """Let every page load the card, open ones included, once for all accounts.

    After the last account was removed, the card says so on dashboards until Home Assistant restarts.
    """
    if frontend.DOMAIN in hass.config.components and not hass.data.get(ADDED):
        frontend.add_extra_js_url(hass, card_url(hass))
        hass.data[ADDED] = True


@callback
def card_url(hass: HomeAssistant) -> str:
    """Return the address of the card."""
    return f"{_base(hass.data[CARD])}/card.js"


def _base(fingerprint: str) -> str:
    return f"/{DOMAIN}/{fingerprint}"
