"""Permission to read an account's log: users who may read all its entities have it."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er


@callback
def async_require_read(hass: HomeAssistant, user: User, entry_id: str) -> None:
    """Raise Unauthorized unless a user may read every entity of an account."""
    permissions = user.permissions
    if permissions.access_all_entities(POLICY_READ):
        return
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry_id)
    if not entities or not all(
        permissions.check_entity(entity.entity_id, POLICY_READ) for entity in entities
    ):
        raise Unauthorized(
            user_id=user.id, config_entry_id=entry_id, permission=POLICY_READ
        )


async def async_require_read_in(
    hass: HomeAssistant, context: Context, entry_id: str
) -> None:
    """Raise Unauthorized if the user behind a call may not read an account.

    Calls of automations and scripts have no user and are allowed.
    """
    if context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context, permission=POLICY_READ)
    async_require_read(hass, user, entry_id)
