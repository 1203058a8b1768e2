"""Cartridge, tubing and cannula fills, and the reservoir."""

from datetime import datetime, timedelta

import pytest

from custom_components.tconnectsync.tandem.enums import Completion
from custom_components.tconnectsync.therapy.fills import site_due
from custom_components.tconnectsync.therapy.records import (
    CartridgeReading,
    Fill,
    FillKind,
)

from .pump_days import PumpDay, at


def fills(log: PumpDay) -> list[tuple[FillKind, float | None, bool]]:
    """Return kind and amount of each fill, and whether it counts as a site change."""
    return [(one.kind, one.amount, one.is_site_change) for one in log.history().fills]


def change_site(log: PumpDay, *, cannula: str = "18:04:00", status: int = 3) -> PumpDay:
    """Log a cartridge fill, a tubing fill and, some time later, a cannula fill."""
    log.write("18:00:00", 33, insulinVolume=240, v2Volume=0)
    log.write("18:02:00", 63, primeSize=14.5, completionStatus=3)
    return log.write(cannula, 61, primeSize=0.3, completionStatus=status)


def test_every_field() -> None:
    """Amounts in U."""
    first, second, third = change_site(PumpDay()).history(zone="Europe/Berlin").fills
    assert first == Fill(
        key=(0, 1000),
        start=at("16:00:00"),
        pump_time=datetime.fromisoformat("2026-05-14T18:00:00"),
        kind=FillKind.CARTRIDGE,
        amount=240.0,
        completion=None,
        is_site_change=False,
    )
    assert (second.kind, second.amount, second.completion) == (
        FillKind.TUBING,
        14.5,
        Completion.COMPLETED,
    )
    assert (third.kind, third.amount, third.is_site_change) == (
        FillKind.CANNULA,
        0.3,
        True,
    )


def test_amounts_that_were_not_logged() -> None:
    """A tubing prime of −1 was not recorded, so its amount is unknown."""
    log = PumpDay().write("18:00:00", 33, insulinVolume=0, v2Volume=0)
    log.write("18:02:00", 63, primeSize=-1, completionStatus=3).write(
        "18:03:00", 61, primeSize=-1
    )
    assert fills(log) == [
        (FillKind.CARTRIDGE, None, False),
        (FillKind.TUBING, None, False),
        (FillKind.CANNULA, None, True),
    ]


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_cannula_fill_that_was_broken_off_is_no_site_change(status: int) -> None:
    """The cartridge fill counts as the site change after six hours."""
    log = change_site(PumpDay(), status=status)
    assert [one for *_, one in fills(log)] == [False, False, False]
    assert [one for *_, one in fills(log.seen("23:59:59"))] == [False, False, False]
    log.next_day().seen("00:00:01")
    assert [one for *_, one in fills(log)] == [True, False, False]


def test_a_cartridge_alone_is_a_site_change_once_no_cannula_can_come() -> None:
    """After six hours of the log the cartridge fill counts; a later cannula fill is a site change of its own."""
    log = change_site(PumpDay(), cannula="23:59:00")
    assert [one for *_, one in fills(log)] == [False, False, True]
    log = change_site(PumpDay(), cannula="2026-05-15T00:00:01")
    assert [one for *_, one in fills(log)] == [True, False, True]


def test_two_cartridges_and_one_cannula() -> None:
    """The first cartridge may have been faulty, so there is one site change."""
    log = PumpDay().write("17:50:00", 33, insulinVolume=200)
    assert [one for *_, one in fills(change_site(log).seen("23:59:00"))] == [
        False,
        False,
        False,
        True,
    ]


def test_what_the_cartridge_held() -> None:
    """The reservoir is logged when delivery is suspended and resumed."""
    log = (
        PumpDay()
        .suspend("10:00:00", insulin=87)
        .resume("10:05:00", insulin=0)
        .write("10:06:00", 12)
    )
    assert log.history(zone="Europe/Berlin").cartridge_readings == (
        CartridgeReading(
            key=(0, 1000),
            start=at("08:00:00"),
            pump_time=datetime.fromisoformat("2026-05-14T10:00:00"),
            insulin=87,
            at_suspension=True,
        ),
        CartridgeReading(
            key=(0, 1001),
            start=at("08:05:00"),
            pump_time=datetime.fromisoformat("2026-05-14T10:05:00"),
            insulin=0,
        ),
    )


def test_what_the_cartridge_held_logged_with_the_battery() -> None:
    """The remaining whole units (9) are read, if logged."""
    log = PumpDay().write("08:00:00", 9, abc=61, insulin=118)
    log.write("09:00:00", 9, abc=60).write("10:00:00", 9, abc=59, insulin=65535)
    [reading] = log.history().cartridge_readings
    assert (reading.start, reading.insulin) == (at("08:00:00"), 118)


def test_a_site_is_due_by_the_pumps_reminder() -> None:
    """Without a reminder, the site is due after the three days of the pump's guide."""
    log = PumpDay().write("10:00:00", 61, primeSize=0.3, completionStatus=3)
    [site] = log.history().fills
    assert site_due(site, 2) == at("10:00:00") + timedelta(days=2)
    assert site_due(site, None) == at("10:00:00") + timedelta(days=3)
    assert site_due(None, 2) is None
