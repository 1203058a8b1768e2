"""Names of accounts: as the user typed them, or a title that names nobody."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME, CONF_REGION

from .const import CONF_NUMBER

NAME_KEYS = (CONF_NAME, CONF_NUMBER)
REGION_TITLES = {"us": "US", "eu": "EU", "demo": "Demo"}


def numbered(name: str, number: int) -> str:
    """Return a name that distinguishes accounts with equal names."""
    return name if number == 1 else f"{name} {number}"


def name_data(
    typed: Mapping[str, Any], other_entries: Iterable[ConfigEntry]
) -> dict[str, Any]:
    """Return the name that was typed, if any, and a number that no other entry of that name has."""
    name = str(typed.get(CONF_NAME, "")).strip()
    taken = {
        entry.data.get(CONF_NUMBER, 1)
        for entry in other_entries
        if entry.data.get(CONF_NAME, "") == name
    }
    number = next(number for number in count(1) if number not in taken)
    return {**({CONF_NAME: name} if name else {}), CONF_NUMBER: number}


def account_title(data: Mapping[str, Any]) -> str:
    """Return the title of an entry: the account's name, or one by region that names nobody."""
    name = data.get(CONF_NAME, f"Tandem Source ({REGION_TITLES[data[CONF_REGION]]})")
    return numbered(name, data.get(CONF_NUMBER, 1))
