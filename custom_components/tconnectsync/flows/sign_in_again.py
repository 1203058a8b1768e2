"""Another sign-in to an account that is already set up."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow

from .account_checks import SignedIn, async_sign_in
from .unique_id import is_of_account, person_of


async def async_sign_in_again(
    hass: HomeAssistant, entry: ConfigEntry, typed: Mapping[str, Any]
) -> SignedIn:
    """Sign in to the account of an entry, for the person the entry is about.

    Raises FormError, and AbortFlow where the sign-in is to another account.
    """
    is_right = partial(is_of_account, entry)
    account = await async_sign_in(
        hass, {**entry.data, **typed}, person_of(entry), is_right=is_right
    )
    if not is_right(account.token):
        raise AbortFlow("wrong_account")
    return account
