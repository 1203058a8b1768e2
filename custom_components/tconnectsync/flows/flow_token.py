"""The token of a flow's sign-in, for the set-up that follows the flow."""

from custom_components.tconnectsync.const import DOMAIN
from custom_components.tconnectsync.tandem import Token
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

FLOW_TOKENS: HassKey[dict[str, Token]] = HassKey(f"{DOMAIN}_tokens")


@callback
def keep_flow_token(hass: HomeAssistant, token: Token, unique_id: str | None) -> None:
    """Store the token of a flow for the set-up of its account."""
    hass.data.setdefault(FLOW_TOKENS, {})[unique_id or ""] = token


@callback
def take_flow_token(hass: HomeAssistant, unique_id: str | None) -> Token | None:
    """Return and remove the token of a flow that has just ended."""
    return hass.data.get(FLOW_TOKENS, {}).pop(unique_id or "", None)
