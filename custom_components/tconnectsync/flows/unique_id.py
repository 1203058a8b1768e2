"""Unique ids of accounts and persons, so that none is set up twice."""

from collections.abc import Iterable

from custom_components.tconnectsync.const import CONF_PERSON
from custom_components.tconnectsync.tandem import Token
from homeassistant.config_entries import ConfigEntry, ConfigEntryState

from .account_checks import SignedIn


def unique_id_of(account: SignedIn, pumper_id: str) -> str:
    """Return the unique id of an entry: of the account, or of one person where the account names several."""
    account_id, person_id = _possible_ids(account.token, pumper_id)
    return person_id if account.is_shared else account_id


def person_of(entry: ConfigEntry) -> str | None:
    """Return the pumper id that an entry is about, as chosen or from its last sign-in."""
    chosen: str | None = entry.data.get(CONF_PERSON)
    if chosen or entry.state is not ConfigEntryState.LOADED:
        return chosen
    token = entry.runtime_data.store.state.sign_in.token
    return token.pumper_id if token else None


def is_of_account(entry: ConfigEntry, token: Token) -> bool:
    """Return whether a token is of the account that an entry is about."""
    return entry.unique_id in _possible_ids(token, person_of(entry))


def is_set_up(
    entries: Iterable[ConfigEntry], account: SignedIn, pumper_id: str
) -> bool:
    """Return whether one of the entries is, or may be, about this person."""
    names = _possible_ids(account.token, pumper_id)
    return any(
        entry.unique_id in names and person_of(entry) in (None, pumper_id)
        for entry in entries
    )


def _possible_ids(token: Token, pumper_id: str | None) -> tuple[str, str]:
    return token.account_id, f"{token.account_id}_{pumper_id}"
