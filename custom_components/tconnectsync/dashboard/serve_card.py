"""Serving of the dashboard card, which every page loads without a dashboard resource."""

from hashlib import sha256
from pathlib import Path

from custom_components.tconnectsync.const import DOMAIN
from homeassistant.components import frontend
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

FOLDER = Path(__file__).parent / "frontend"
CARD_URL: HassKey[str] = HassKey(f"{DOMAIN}_card")
"""The address of the card, which changes with its files."""
ADDED: HassKey[bool] = HassKey(f"{DOMAIN}_card_added")
"""Whether pages load the card."""


async def async_serve_card(hass: HomeAssistant) -> None:
    """Serve the card's files, which browsers may cache as long as the address is the same."""
    base = f"/{DOMAIN}/{await hass.async_add_executor_job(_fingerprint)}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(base, str(FOLDER), cache_headers=True)]
    )
    hass.data[CARD_URL] = f"{base}/card.js"


@callback
def async_add_card(hass: HomeAssistant) -> None:
    """Let every page load the card, open ones included, once for all accounts.

    After the last account was removed, the card says so on dashboards until Home Assistant restarts.
    """
    if frontend.DOMAIN in hass.config.components and not hass.data.get(ADDED):
        frontend.add_extra_js_url(hass, hass.data[CARD_URL])
        hass.data[ADDED] = True


def _fingerprint() -> str:
    """Return a hash of the card's files."""
    files = sorted(path for path in FOLDER.rglob("*.js"))
    contents = sha256()
    for path in files:
        contents.update(path.relative_to(FOLDER).as_posix().encode())
        contents.update(path.read_bytes())
    return contents.hexdigest()[:8]
