"""The token of a sign-in in a flow is used by the set-up that follows."""

from datetime import UTC, datetime

from custom_components.tconnectsync.flows.flow_token import (
    keep_flow_token,
    take_flow_token,
)
from custom_components.tconnectsync.tandem import Token
from homeassistant.core import HomeAssistant


async def test_a_token_is_handed_over_once(hass: HomeAssistant) -> None:
    """The set-up uses the token once, and later sign-ins do not."""
    token = Token(
        access_token="secret",
        expires_at=datetime(2026, 5, 14, tzinfo=UTC),
        pumper_id="pumper",
        account_id="account",
    )
    assert take_flow_token(hass, "account") is None
    keep_flow_token(hass, token, "account")
    assert take_flow_token(hass, "another") is None
    assert take_flow_token(hass, None) is None
    assert take_flow_token(hass, "account") == token
    assert take_flow_token(hass, "account") is None
