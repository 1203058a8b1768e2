"""The battery's charge as the pump reported it."""

from datetime import datetime

from custom_components.tconnectsync.therapy.records import Battery

from .pump_days import PumpDay, at


def test_the_battery_wherever_it_is_logged() -> None:
    """The charge is in percent."""
    log = PumpDay().write("10:00:00", 9, abc=61).write("10:01:00", 34, abc=60)
    log.write("10:02:00", 35, abc=59).write("23:59:59", 81, batteryChargePercent=0)
    records = log.history().battery
    assert [one.percent for one in records] == [61, 60, 59, 0]
    assert records[0] == Battery(
        key=(0, 1000),
        start=at("10:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
        percent=61,
    )
