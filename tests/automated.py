"""A pump, its account and automations, and the passing of time for all of them."""

from ast import literal_eval
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.tconnectsync.const import DOMAIN
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.const import SERVICE_TURN_OFF
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from .entity_states import live, show, upload

FIRED = "fired"
VARIABLES = "{% for key, value in trigger.items() %}{{ key }}={{ value }}|{% endfor %}"


class Life:
    """A pump, its account and automations, and the passing of time for all of them."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        tandem: SimulatedTandem,
        entry: MockConfigEntry,
        pump: SimulatedPump,
    ) -> None:
        """Take an account that is set up."""
        self.hass, self.freezer, self.tandem = hass, freezer, tandem
        self.entry, self.pump = entry, pump
        self.texts: list[str] = []
        hass.bus.async_listen(FIRED, self._note)

    @callback
    def _note(self, event: Event) -> None:
        self.texts.append(event.data["trigger"])

    @property
    def device_id(self) -> str:
        """The pump's device."""
        entities = er.async_get(self.hass)
        entity = entities.async_get("binary_sensor.t_slim_x2_alarm")
        assert entity and entity.device_id
        return entity.device_id

    async def automate(
        self,
        *triggers: str,
        target: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Add one automation for each trigger."""
        config = [
            {
                "id": f"{number}",
                "alias": f"Automation {number}",
                "triggers": {
                    "trigger": f"{DOMAIN}.{trigger}",
                    "target": target or {"device_id": self.device_id},
                    "options": options,
                },
                "actions": {
                    "event": FIRED,
                    "event_data": {"trigger": VARIABLES},
                },
                "mode": "queued",
            }
            for number, trigger in enumerate(triggers)
        ]
        assert await async_setup_component(self.hass, AUTOMATION, {AUTOMATION: config})
        await self.hass.async_block_till_done()
        for number, _ in enumerate(triggers):
            state = self.hass.states.get(f"automation.automation_{number}")
            assert state is not None
            assert state.state == "on"

    async def live(self, **time: float) -> None:
        """Let time pass by one step for Home Assistant and the pump."""
        await live(self.hass, self.freezer, self.pump, timedelta(**time))

    async def turn(self, state: str) -> None:
        """Turn all automations on or off."""
        everything = {"entity_id": "all"}
        await self.hass.services.async_call(
            AUTOMATION, f"turn_{state}", everything, True
        )

    def phone(self) -> None:
        """Upload the pump's log."""
        [account] = self.tandem.accounts.values()
        account.pumps[0].upload()

    async def upload(self, **after: float) -> None:
        """Let time pass, upload the pump's log, and poll the account."""
        if after:
            await self.live(**after)
        await upload(self.hass, self.entry, self.tandem)

    def fired(self) -> list[dict[str, Any]]:
        """Return the `trigger` variables of the automations that ran since the last call."""
        fired, self.texts[:] = [*self.texts], []
        return [
            {
                key: _value(value)
                for key, _, value in (one.partition("=") for one in text.split("|"))
            }
            for text in fired
        ]


def _value(text: str) -> Any:
    """Return the value of a template's text."""
    for read in (datetime.fromisoformat, literal_eval):
        with suppress(ValueError, SyntaxError):
            return read(text)
    return text


@pytest.fixture
async def life(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
) -> AsyncIterator[Life]:
    """An account that has just been set up, with its services; automations are turned off at the end."""
    life = Life(hass, freezer, tandem, await show(hass, tandem), pump)
    yield life
    if hass.services.has_service(AUTOMATION, SERVICE_TURN_OFF):
        await life.turn("off")
