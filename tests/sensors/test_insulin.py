"""Insulin on board, boluses and the basal rate, while they change."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_STALE_AFTER
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.conftest import NOON
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


async def test_details_go_with_their_value(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An outdated rate has no source either; the last bolus keeps its details and may still be less than shown."""
    pump.give_bolus(2.0, 20)
    pump.run_for(seconds=20)
    await show(hass, tandem, **{CONF_STALE_AFTER: 60})
    assert attributes(hass, "basal_rate")["source"] == "profile"
    assert attributes(hass, "last_bolus")["in_progress"] is True
    await tandem.stop()
    await pass_time(hass, freezer, until=NOON + timedelta(minutes=62))
    assert "source" not in attributes(hass, "basal_rate")
    for key in ("last_bolus", "last_meal_bolus"):
        assert attributes(hass, key)["in_progress"] is True
        assert attributes(hass, key)["note"].startswith("Asked for, not given")
    assert attributes(hass, "last_bolus")["requested"] == 2.0


async def test_a_bolus_in_progress(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Until the bolus ends, insulin on board is unknown, and the bolus shows the requested amount."""
    pump.give_bolus(1.0)
    pump.run_for(minutes=5)
    pump.give_bolus(4.0, 30, glucose=150)
    pump.run_for(seconds=40)
    freezer.move_to(pump.now)
    entry = await show(hass, tandem)
    assert number(hass, "last_bolus") == 4.0
    details = attributes(hass, "last_bolus")
    assert (details["in_progress"], details["delivered"]) == (True, None)
    assert unknown(hass, "insulin_on_board")
    assert unknown(hass, "insulin_on_board_ends")
    await live(hass, freezer, pump, timedelta(seconds=20))
    pump.stop_bolus()
    await pass_time(hass, freezer)
    await upload(hass, entry, tandem)
    assert 0 < number(hass, "last_bolus") < 4.0
    details = attributes(hass, "last_bolus")
    assert details["in_progress"] is False
    assert "note" not in details
    assert details["delivered"] == number(hass, "last_bolus")
    assert details["ended_by"] == "user_aborted"
    assert details["notes"] == (
        f"{number(hass, 'last_bolus'):.2f} of 4.00 U delivered: stopped by hand"
    )
    assert (details["kind"], details["carbs"], details["glucose"]) == ("meal", 30, 150)
    assert number(hass, "insulin_on_board") == pytest.approx(
        pump.insulin_on_board(), abs=0.02
    )
    assert not unknown(hass, "insulin_on_board_ends")


async def test_an_extended_bolus(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its parts and plan are shown while it runs, and it counts as far as it was delivered."""
    pump.give_bolus(3.0, extended_minutes=60, now_percent=50)
    pump.run_for(minutes=30)
    freezer.move_to(pump.now)
    await show(hass, tandem)
    details = attributes(hass, "last_bolus")
    assert details["kind"] == "extended"
    assert (details["extended"], details["extended_minutes"]) == (1.5, 60)
    assert details["in_progress"] is True
    assert number(hass, "bolus_today") == pytest.approx(2.25, abs=0.02)
