"""The insulin in the cartridge, as far as it is known."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.entity_states import (
    attributes,
    live,
    number,
    pass_time,
    show,
    unknown,
    upload,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_the_reservoir(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The reservoir is unknown at first and after a fill that was not logged, until the next reading."""
    entry = await show(hass, tandem)
    assert unknown(hass, "reservoir")
    assert attributes(hass, "reservoir")["as_of"] is None
    await live(hass, freezer, pump)
    pump.change_site(180.0, recorded=False)
    await pass_time(hass, freezer, timedelta(minutes=3))
    await upload(hass, entry, tandem)
    assert unknown(hass, "reservoir")
    assert not unknown(hass, "cartridge_changed")
    assert attributes(hass, "tubing_filled")["amount"] is None
    await pass_time(hass, freezer, timedelta(minutes=20))
    await upload(hass, entry, tandem)
    assert number(hass, "reservoir") == pytest.approx(pump.reservoir.left, abs=1.01)
    details = attributes(hass, "reservoir")
    assert (details["reading"], details["filled"]) == (165, 180)
    assert details["read_at"] < details["as_of"]
