"""The last alarm and alert, and the number of raised ones."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.const import CONF_STALE_AFTER
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.entity_states import (
    attributes,
    number,
    pass_time,
    show,
    shown,
    unknown,
    upload,
)

pytestmark = pytest.mark.usefixtures("recorder_mock")


async def test_an_alarm_that_nobody_knows(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """An unknown alarm has the shared name and its number, because Home Assistant would treat "unknown" as no state."""
    pump.log_event(4, alertId=251)
    pump.provoke_malfunction(9)
    await show(hass, tandem)
    assert shown(hass, "sensor.last_alert").state == "other"
    assert attributes(hass, "last_alert")["meaning"] == "Alert 251"
    assert attributes(hass, "last_alert")["number"] == 251
    assert shown(hass, "sensor.last_alarm").state == "malfunction"
    assert attributes(hass, "last_alarm")["number"] == 9
    assert attributes(hass, "last_alarm")["cleared"] is None
    assert attributes(hass, "alerts_active")["alarms"] == ["malfunction"]
    assert number(hass, "alerts_active") == 2


async def test_what_is_raised_stays_counted(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A count of raised alerts stays beyond the age limit as alerts do; a count of zero does not."""
    entry = await show(hass, tandem, **{CONF_STALE_AFTER: 60})
    assert number(hass, "alerts_active") == 0
    await pass_time(hass, freezer, timedelta(minutes=61))
    assert unknown(hass, "alerts_active")
    pump.run_until(datetime.now(UTC))
    pump.provoke_cgm_alert(2)
    await upload(hass, entry, tandem)
    assert number(hass, "alerts_active") == 1
    await tandem.stop()
    await pass_time(hass, freezer, timedelta(minutes=61))
    assert number(hass, "alerts_active") == 1
    assert attributes(hass, "alerts_active")["cgm_alerts"] == ["high"]
