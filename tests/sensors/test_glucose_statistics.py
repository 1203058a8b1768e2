"""Time in range goes by the right limits."""

from datetime import timedelta

import pytest

from custom_components.tconnectsync.const import CONF_HIGH_LIMIT, CONF_LOW_LIMIT
from demo.pump import SimulatedPump
from demo.tandem import SimulatedTandem
from homeassistant.core import HomeAssistant
from tests.entity_states import number, show

pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.mark.parametrize(
    ("options", "shares"),
    [
        ({}, (25, 25, 50)),
        ({CONF_LOW_LIMIT: 60}, (0, 50, 50)),
        ({CONF_HIGH_LIMIT: 200}, (25, 50, 25)),
    ],
)
async def test_limits_of_the_account_or_ones_own(
    hass: HomeAssistant,
    tandem: SimulatedTandem,
    pump: SimulatedPump,
    options: dict[str, int],
    shares: tuple[int, int, int],
) -> None:
    """Time in range goes by the account's limits unless there are others in the options."""
    [account] = tandem.accounts.values()
    account.low_limit, account.high_limit = 80, 160
    for minutes, glucose in ((20, 75), (15, 100), (10, 170), (5, 250)):
        pump.read_glucose(glucose, ago=timedelta(minutes=minutes))
    await show(hass, tandem, **options)
    parts = ("time_below_range", "time_in_range", "time_above_range")
    assert tuple(number(hass, part) for part in parts) == shares


async def test_the_usual_limits_where_the_account_has_none(
    hass: HomeAssistant, tandem: SimulatedTandem, pump: SimulatedPump
) -> None:
    """70 to 180 mg/dL."""
    [account] = tandem.accounts.values()
    account.overrides = {"lowGlucoseThreshold": None, "highGlucoseThreshold": None}
    for minutes, glucose in ((20, 69), (15, 70), (10, 180), (5, 181)):
        pump.read_glucose(glucose, ago=timedelta(minutes=minutes))
    await show(hass, tandem)
    assert number(hass, "time_in_range") == 50
