"""What is left in the cartridge at any moment of the log."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from custom_components.tconnectsync.therapy.cartridge import Cartridge
from custom_components.tconnectsync.therapy.delivered_insulin import (
    basal_deliveries,
    bolus_deliveries,
)
from custom_components.tconnectsync.therapy.records import CartridgeReading
from demo.pump import SimulatedPump

from .pump_days import PumpDay, history

START = datetime(2026, 5, 11, 15, tzinfo=UTC)


def test_before_the_first_reading_or_fill_nothing_is_known() -> None:
    """A moment knows only what was logged before it."""
    log = PumpDay().rate_change("07:00:00", 1.0).resume("08:00:00", insulin=100)
    told = log.rate_change("09:00:00", 1.2).history()
    first, second = told.basal
    assert Cartridge(told).anchor(first) is None
    anchor = Cartridge(told).anchor(second)
    assert isinstance(anchor, CartridgeReading)
    assert anchor.insulin == 100


@pytest.mark.parametrize("seed", range(3))
def test_any_moment_is_what_was_held_less_what_went_since(seed: int) -> None:
    """Adding up every delivery one by one gives the same, hours after extended boluses too."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo("UTC"), seed=seed)
    pump.run_for(hours=30)
    pump.give_bolus(4.0, extended_minutes=240, now_percent=25)
    pump.run_for(hours=30)
    told = history(pump.events)
    cartridge = Cartridge(told)
    delivered = [*basal_deliveries(told), *bolus_deliveries(told)]
    compared = 0
    for moment in told.insulin_on_board:
        anchor = cartridge.anchor(moment)
        if not isinstance(anchor, CartridgeReading):
            continue
        if any(anchor.key < fill.key < moment.key for fill in told.site_changes):
            continue
        used = sum(part.between(anchor.start, moment.start) for part in delivered)
        assert cartridge.left(anchor, moment) == pytest.approx(
            max(0.0, anchor.insulin - used)
        )
        compared += 1
    assert compared
