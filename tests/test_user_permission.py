"""Users can read only accounts that they have access to, and only administrators can start writes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.tconnectsync.const import DOMAIN
from demo.tandem import SimulatedTandem
from homeassistant.auth.models import User
from homeassistant.components import websocket_api
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.setup import async_setup_component

pytestmark = pytest.mark.usefixtures("recorder_mock", "no_pauses_between_reads")

READS = {"entities": {"all": {"read": True}}}
READS_OTHERS = {"entities": {"domains": {"light": {"read": True}}}}
CONTROLS = {"entities": True}
PUMP_ALONE = {"entities": {"domains": {"sensor": True}}}
USERS: dict[str, dict[str, Any]] = {
    "without rights": {},
    "reading only other things": READS_OTHERS,
    "reading some of the entities": PUMP_ALONE,
    "read-only": READS,
    "ordinary": CONTROLS,
}
MAY_READ = {"read-only", "ordinary"}
SINCE = "2026-01-01T00:00:00+00:00"
COMMANDS: dict[str, dict[str, Any]] = {
    f"{DOMAIN}/span_figures": {"start": SINCE, "end": "2026-01-02T00:00:00+00:00"},
    f"{DOMAIN}/report": {},
    f"{DOMAIN}/subscribe_history": {"start": SINCE},
}
"""Websocket commands that a card may send for an account."""
ACCOUNTS = f"{DOMAIN}/accounts"
WRITING: dict[str, dict[str, Any]] = {
    "sync": {},
    "cancel_backfill": {},
    "backfill": {"start_date": "2020-01-01", "end_date": "2020-01-02"},
}


def user_of(hass: HomeAssistant, name: str) -> User:
    """Add a user with these rights."""
    user = MockUser(name=name).add_to_hass(hass)
    user.mock_policy(USERS[name])
    return user


async def history(hass: HomeAssistant, context: Context) -> dict[str, Any]:
    """Return the history of a day."""
    now = datetime.now().astimezone()
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "get_history",
        {"start": (now - timedelta(days=1)).isoformat(), "kinds": ["boluses"]},
        blocking=True,
        return_response=True,
        context=context,
    )
    return dict(answer)


@pytest.mark.parametrize("name", USERS)
async def test_history_by_an_action(
    hass: HomeAssistant, forwarded: MockConfigEntry, name: str
) -> None:
    """The action needs read access to the entities of the account."""
    context = Context(user_id=user_of(hass, name).id)
    if name in MAY_READ:
        assert (await history(hass, context))["boluses"]
    else:
        with pytest.raises(Unauthorized):
            await history(hass, context)


async def test_an_administrator_and_an_automation_read(
    hass: HomeAssistant, forwarded: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """Administrators and calls without a user, like automations, may read."""
    assert (await history(hass, Context(user_id=hass_admin_user.id)))["boluses"]
    assert (await history(hass, Context()))["boluses"]
    with pytest.raises(UnknownUser):
        await history(hass, Context(user_id="somebody who is gone"))


@pytest.mark.parametrize("name", USERS)
async def test_a_report_by_an_action(
    hass: HomeAssistant, forwarded: MockConfigEntry, name: str
) -> None:
    """A report needs the same access as the history."""
    context = Context(user_id=user_of(hass, name).id)
    asking = hass.services.async_call(
        DOMAIN, "get_report", {}, blocking=True, return_response=True, context=context
    )
    if name in MAY_READ:
        assert await asking
    else:
        with pytest.raises(Unauthorized):
            await asking


@pytest.mark.parametrize("name", USERS)
async def test_history_by_the_card(
    hass: HomeAssistant,
    forwarded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    name: str,
) -> None:
    """Websocket commands need the same access, and accounts without it are not listed."""
    assert await async_setup_component(hass, "websocket_api", {})
    user = user_of(hass, name)
    refresh = await hass.auth.async_create_refresh_token(
        user, client_id="https://example.org/"
    )
    client = await hass_ws_client(hass, hass.auth.async_create_access_token(refresh))
    for command, details in COMMANDS.items():
        await client.send_json_auto_id({"type": command, **details})
        answer = await client.receive_json()
        assert answer["success"] is (name in MAY_READ), command
        if name not in MAY_READ:
            assert answer["error"]["code"] == "unauthorized"
    await client.send_json_auto_id({"type": ACCOUNTS})
    while (answer := await client.receive_json())["type"] == "event":
        pass
    assert bool(answer["result"]) is (name in MAY_READ)


async def test_no_other_road_leads_in(
    hass: HomeAssistant, forwarded: MockConfigEntry
) -> None:
    """All websocket commands and actions are covered by these tests."""
    commands = {name for name in hass.data[websocket_api.DOMAIN] if DOMAIN in name}
    assert commands == {*COMMANDS, ACCOUNTS}
    actions = set(hass.services.async_services_for_domain(DOMAIN))
    assert actions == {*WRITING, "get_history", "get_report"}


@pytest.mark.parametrize("action", WRITING)
@pytest.mark.parametrize("name", USERS)
async def test_what_writes_needs_an_administrator(
    hass: HomeAssistant, forwarded: MockConfigEntry, action: str, name: str
) -> None:
    """Actions that write need an administrator, whatever other access a user has."""
    context = Context(user_id=user_of(hass, name).id)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, action, WRITING[action], blocking=True, context=context
        )


async def test_an_administrator_and_an_automation_write(
    hass: HomeAssistant,
    forwarded: MockConfigEntry,
    tandem: SimulatedTandem,
    hass_admin_user: MockUser,
) -> None:
    """Administrators and automations may write."""
    for context in (Context(user_id=hass_admin_user.id), Context()):
        asked = tandem.count("/pumper/")
        await hass.services.async_call(
            DOMAIN, "sync", {}, blocking=True, context=context
        )
        assert tandem.count("/pumper/") > asked
