"""Insulin on board as the pump reported it."""

from datetime import datetime

from custom_components.tconnectsync.therapy.records import InsulinOnBoard

from .pump_days import PumpDay, at


def test_insulin_on_board_wherever_it_is_logged() -> None:
    """Entries, requests, both starts, both ends and the daily sum contain it; an unset value is left out."""
    log = PumpDay().write("10:00:00", 16, bg=120, iob=0.1)
    log.write("10:01:00", 64, bolusId=7, carbAmount=0, iob=0.2)
    log.write("10:01:15", 55, bolusId=7, iob=0.3).write(
        "10:02:00", 20, bolusId=7, insulinDelivered=1, iob=0.4
    )
    log.write("10:02:00", 59, bolusId=7, iob=0.5).write(
        "10:32:00", 21, bolusId=7, insulinDelivered=1, iob=0.6
    )
    log.write("23:59:59", 81, batteryChargePercent=50, iob=0.7)
    log.write("23:59:59", 16, bg=120, iob=-1).write("23:59:59", 55, bolusId=8)
    records = log.history(zone="Europe/Berlin").insulin_on_board
    assert [one.insulin for one in records] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert records[0] == InsulinOnBoard(
        key=(0, 1000),
        start=at("08:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
        insulin=0.1,
    )


def test_insulin_on_board_logged_with_a_dose() -> None:
    """Only the end of a dose (559) counts; at its start (558) the value lacks the dose."""
    log = PumpDay().write("10:00:00", 558, doseId=7, doseSource=3, activeInsulin=2.0)
    log.write(
        "10:00:01",
        559,
        doseId=7,
        doseSource=3,
        syncDoseSizeDelivered=0.1,
        activeInsulin=2.1,
    )
    [reading] = log.history().insulin_on_board
    assert (reading.start, reading.insulin) == (at("10:00:01"), 2.1)
