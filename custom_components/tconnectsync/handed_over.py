"""The sign-in of a flow that has just ended, for the set-up that follows it."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .tandem import Token

HANDED_OVER: HassKey[dict[str, Token]] = HassKey(f"{DOMAIN}_tokens")


@callback
def hand_over_token(hass: HomeAssistant, token: Token) -> None:
    """Let the set-up of an account go on with the sign-in of its flow."""
    hass.data.setdefault(HANDED_OVER, {})[token.account_id] = token


@callback
def handed_over_token(hass: HomeAssistant, account_id: str | None) -> Token | None:
    """Return the token of a flow that has just ended, once."""
    return hass.data.get(HANDED_OVER, {}).pop(account_id or "", None)
