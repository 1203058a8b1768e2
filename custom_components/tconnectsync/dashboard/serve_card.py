"""The dashboard card: served by the integration, and known to every dashboard without a resource."""

from hashlib import sha256
from pathlib import Path

from custom_components.tconnectsync.const import DOMAIN
from homeassistant.components import frontend
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

FOLDER = Path(__file__).parent / "frontend"
CARD_URL: HassKey[str] = HassKey(f"{DOMAIN}_card")
"""Where browsers find the card; another address whenever its files are others."""
ADDED: HassKey[bool] = HassKey(f"{DOMAIN}_card_added")
"""Whether pages load the card."""


async def async_serve_card(hass: HomeAssistant) -> None:
    """Serve the card's files, which browsers may keep for as long as the address is the same."""
    base = f"/{DOMAIN}/{await hass.async_add_executor_job(_fingerprint)}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(base, str(FOLDER), cache_headers=True)]
    )
    hass.data[CARD_URL] = f"{base}/card.js"


@callback
def async_add_card(hass: HomeAssistant) -> None:
    """Have every page load the card, those open now included, however many accounts there are.

    After the last one was removed it says so on dashboards until Home Assistant starts anew.
    """
    if frontend.DOMAIN in hass.config.components and not hass.data.get(ADDED):
        frontend.add_extra_js_url(hass, hass.data[CARD_URL])
        hass.data[ADDED] = True


def _fingerprint() -> str:
    """Return what changes with every change of the card."""
    files = sorted(path for path in FOLDER.rglob("*.js"))
    contents = sha256()
    for path in files:
        contents.update(path.relative_to(FOLDER).as_posix().encode())
        contents.update(path.read_bytes())
    return contents.hexdigest()[:8]
