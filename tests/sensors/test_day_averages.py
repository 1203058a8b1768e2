"""Averages per day are shown once a full day is known."""

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from tests.conftest import serving
from tests.entity_states import attributes, busy_pump, number, show, unknown

pytestmark = pytest.mark.usefixtures("recorder_mock")

KEYS = (
    "time_in_control_iq",
    "time_in_sleep",
    "time_in_exercise",
    "insulin_per_day",
    "basal_share",
    "automatic_corrections_per_day",
    "carbs_per_day",
)


async def test_averages_of_three_days(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The averages equal the pump's own log; three days do not count as a week."""
    pump = busy_pump(freezer, days=3)
    async with serving(pump, monkeypatch) as tandem:
        await show(hass, tandem)
    log = pump.log.events
    boluses = [event for event in log if event["eventCode"] in (20, 21)]
    bolus = sum(event["eventProperties"]["insulinDelivered"] for event in boluses)
    carbs = sum(
        event["eventProperties"]["carbAmount"]
        for event in log
        if event["eventCode"] == 64
    )
    assert number(hass, "carbs_per_day") == pytest.approx(carbs / 3, rel=0.02)
    insulin, share = number(hass, "insulin_per_day"), number(hass, "basal_share")
    assert insulin * (1 - share / 100) == pytest.approx(bolus / 3, rel=0.02)
    for key in KEYS:
        assert attributes(hass, key)["sufficient"] is False
        assert number(hass, f"{key}_14_days") == number(hass, key)


async def test_less_than_a_day_says_nothing(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A few hours give no average per day."""
    pump = busy_pump(freezer, days=1)
    async with serving(pump, monkeypatch) as tandem:
        await show(hass, tandem)
    for key in KEYS:
        assert unknown(hass, key), key
