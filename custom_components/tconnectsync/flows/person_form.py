"""The form of the person an entry is about, where an account names several."""

from collections.abc import Iterable

import voluptuous as vol

from custom_components.tconnectsync.const import CONF_PERSON
from custom_components.tconnectsync.tandem import Person
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)


def person_form(persons: Iterable[Person]) -> vol.Schema:
    """Return the form of a person; the choices show names and pumps."""
    choices = [
        SelectOptionDict(value=person.pumper_id, label=_label(number, person))
        for number, person in enumerate(persons, start=1)
    ]
    return vol.Schema(
        {
            vol.Required(CONF_PERSON): SelectSelector(
                SelectSelectorConfig(options=choices, mode=SelectSelectorMode.LIST)
            )
        }
    )


def _label(number: int, person: Person) -> str:
    pumps = ", ".join(dict.fromkeys(pump.model for pump in person.pumper.pumps))
    return f"{person.name or number} ({pumps})"
