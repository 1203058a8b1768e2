"""Totals of today contain today only."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_STALE_AFTER
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.account import poll
from tests.conftest import NOON, TIME_ZONE
from tests.entity_states import attributes, number, pass_time, show, unknown, upload

pytestmark = pytest.mark.usefixtures("recorder_mock")
MIDNIGHT = NOON.replace(hour=0)


async def test_totals_begin_anew_at_midnight(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """At Home Assistant's midnight the totals become unknown until the first event of the new day."""
    pump.run_until(MIDNIGHT + timedelta(hours=23, minutes=50))
    pump.give_bolus(3.0, 25)
    pump.run_until(MIDNIGHT + timedelta(hours=23, minutes=58))
    freezer.move_to(pump.now)
    entry = await show(hass, tandem, **{CONF_STALE_AFTER: 600})
    keys = ("basal_today", "bolus_today", "insulin_today", "carbs_today")
    assert number(hass, "bolus_today") == pytest.approx(3.0, abs=0.01)
    assert number(hass, "carbs_today") == 25
    assert number(hass, "bolus_count_today") == 1
    await pass_time(hass, freezer)
    assert not any(unknown(hass, key) for key in keys)
    await pass_time(hass, freezer)
    assert all(unknown(hass, key) for key in (*keys, "bolus_count_today"))
    await pass_time(hass, freezer, until=MIDNIGHT + timedelta(days=1, minutes=30))
    await upload(hass, entry, tandem)
    assert number(hass, "basal_today") == pytest.approx(
        pump.basal_delivered(MIDNIGHT + timedelta(days=1), pump.instants[-1]), abs=0.01
    )
    assert number(hass, "bolus_today") == 0
    assert number(hass, "carbs_today") == 0


async def test_they_say_how_many_minutes_are_not_known(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The battery died at six, so delivery after the last rate is unknown until the pump is charged."""
    pump.run_until(MIDNIGHT + timedelta(days=1, hours=6, seconds=30))
    pump.shut_down(by=None)
    before = pump.basal_delivered(MIDNIGHT + timedelta(days=1), pump.now)
    pump.run_for(hours=1)
    pump.switch_on()
    pump.resume()
    pump.run_for(minutes=30)
    freezer.move_to(pump.now)
    await show(hass, tandem)
    lost = attributes(hass, "basal_today")["minutes_not_known"]
    assert 50 <= lost <= 60
    for key in ("insulin_today", "basal_share_today", "bolus_today", "carbs_today"):
        assert attributes(hass, key)["minutes_not_known"] == lost
    counted = attributes(hass, "bolus_count_today")
    assert (counted["minutes_not_known"], counted["automatic"]) == (lost, 0)
    assert number(hass, "basal_today") == pytest.approx(before + 0.5, abs=0.2)


async def test_in_another_time_zone_another_day_is_today(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After a change of the time zone the totals are unknown until an upload covers the new day."""
    pump.run_until(MIDNIGHT + timedelta(hours=1))
    pump.give_bolus(3.0, 25)
    pump.run_until(MIDNIGHT + timedelta(hours=12))
    freezer.move_to(pump.now)
    entry = await show(hass, tandem)
    keys = ("basal_today", "bolus_today", "insulin_today", "carbs_today")
    assert number(hass, "carbs_today") == 25
    await hass.config.async_update(time_zone="America/New_York")
    await pass_time(hass, freezer)
    await poll(hass, entry)
    assert all(unknown(hass, key) for key in (*keys, "bolus_count_today"))
    assert "minutes_not_known" not in attributes(hass, "carbs_today")
    await pass_time(hass, freezer, timedelta(minutes=20))
    await upload(hass, entry, tandem)
    assert number(hass, "carbs_today") == 25
    assert number(hass, "basal_today") == pytest.approx(
        pump.basal_delivered(MIDNIGHT - timedelta(hours=3), pump.instants[-1]), abs=0.01
    )
    await hass.config.async_update(time_zone=TIME_ZONE)
    await pass_time(hass, freezer)
    assert all(unknown(hass, key) for key in keys)
