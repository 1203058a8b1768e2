"""Insulin and glucose that cannot be read: whatever sums them up is not known."""

from datetime import timedelta

import pytest

from custom_components.tconnectsync.therapy.day_averages import day_averages
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.hourly_figures import hours
from custom_components.tconnectsync.therapy.insulin_curve import (
    insulin_on_board_estimate,
)
from custom_components.tconnectsync.therapy.reservoir import reservoir
from custom_components.tconnectsync.therapy.totals import Totals, totals
from custom_components.tconnectsync.therapy.unreadable import codes_since

from .pump_days import PumpDay, at

BASAL = (11, 12, 279, 559)
BOLUS = (20, 21)
FILLS = (33, 61, 63)


def a_day(code: int) -> History:
    """Insulin at every hour, and at noon an event of this code that tells nothing."""
    log = PumpDay().resume("00:00:00", insulin=200).rate_change("00:00:00", 1.0)
    log.ask("06:00:00", 7, 2.0).start("06:00:15", 7, 2.0).end("06:01:00", 7, 2.0)
    broken = log.write("12:00:00", code).raws[-1]
    broken["eventProperties"] = None
    return log.seen("18:00:00").history()


def day(history: History) -> Totals:
    """The day's totals."""
    found = totals([history], at("00:00:00"), at("00:00:00") + timedelta(days=1))
    assert found is not None
    return found


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *FILLS, 256, 372, 399, 480])
def test_it_is_known_that_it_was_logged(code: int) -> None:
    """By its code."""
    history = a_day(code)
    assert codes_since(history.unreadable, at("00:00:00")) == f"{code} (1)"
    assert codes_since(history.unreadable, at("12:00:01")) == ""


@pytest.mark.parametrize(
    "code", [5, 9, 55, 64, 280, 313, 558, 562, 563, 564, 565, 566, 9999]
)
def test_what_tells_no_amount_of_its_own(code: int) -> None:
    """Everything else is as before."""
    history = a_day(code)
    assert history.unreadable == ()
    assert day(history).insulin == pytest.approx(20)
    assert reservoir(history) is not None
    assert insulin_on_board_estimate([history], 300) is not None


@pytest.mark.parametrize("code", [*BASAL, *BOLUS])
def test_totals(code: int) -> None:
    """Basal, or boluses, and with either all insulin; another day is known."""
    found = day(a_day(code))
    assert (found.basal is None) == (code in BASAL)
    assert (found.bolus is None) == (code in BOLUS)
    assert found.insulin is None
    assert found.basal_share is None
    before = totals([a_day(code)], at("00:00:00"), at("11:00:00"))
    assert before is not None
    assert before.insulin == pytest.approx(13)


@pytest.mark.parametrize("code", [*BASAL, *BOLUS])
def test_averages_of_days(code: int) -> None:
    """Insulin a day, its share and, for boluses, the automatic ones; carbs are known."""
    found = day_averages([a_day(code)], at("18:00:00"), timedelta(days=7))
    assert found is not None
    assert found.insulin is None
    assert found.basal_share is None
    assert (found.automatic_corrections is None) == (code in BOLUS)
    assert found.carbs == 0
    later = day_averages([a_day(code)], at("18:00:00"), timedelta(hours=5))
    assert later is not None
    assert later.insulin == pytest.approx(24)


@pytest.mark.parametrize("code", [*BASAL, *BOLUS])
def test_hours(code: int) -> None:
    """Those around it are not known."""
    found = hours([a_day(code)])
    for hour in ("11:00:00", "12:00:00"):
        assert (found[at(hour)].basal_known is None) == (code in BASAL)
        assert (found[at(hour)].bolus_known is None) == (code in BOLUS)
        assert found[at(hour)].insulin_known is None
    assert found[at("10:00:00")].insulin_known == pytest.approx(1.0)


@pytest.mark.parametrize("code", [*BASAL, *BOLUS, *FILLS])
def test_the_reservoir(code: int) -> None:
    """Until something is measured again."""
    history = a_day(code)
    assert reservoir(history) is None


def test_the_reservoir_once_it_was_measured() -> None:
    """What went before does not matter."""
    log = PumpDay().resume("10:00:00", insulin=100).rate_change("10:00:00", 0.0)
    log.write("11:00:00", 20).resume("12:00:00", insulin=80).seen("13:00:00")
    found = reservoir(log.history())
    assert found is not None
    assert found.left == 80


@pytest.mark.parametrize("code", [*BASAL, *BOLUS])
def test_the_estimate(code: int) -> None:
    """Not known as long as what cannot be read may act."""
    assert insulin_on_board_estimate([a_day(code)], 6 * 60) is None
    assert insulin_on_board_estimate([a_day(code)], 5 * 60) is not None
    found = hours([a_day(code)], insulin_duration=5 * 60)
    known = [hour for hour, one in found.items() if one.insulin_on_board.weight]
    assert sorted(known) == [at(f"{hour:02}:00:00") for hour in (*range(5, 12), 17, 18)]


def test_a_part_of_the_log_that_is_lost() -> None:
    """Whatever stood there."""
    log = PumpDay().rate_change("00:00:00", 1.0).write("12:00:00", 60, block=1)
    history = log.seen("18:00:00").history()
    assert codes_since(history.unreadable, at("00:00:00")) == "60 (1)"
    found = day(history)
    assert (found.basal, found.bolus, found.insulin) == (None, None, None)


def test_changes_beside_deliveries_need_not_be_read() -> None:
    """They tell the same again; alone they are all there is."""
    assert a_day(3).unreadable
    log = PumpDay().basal("10:00:00", 1.0).write("10:01:00", 3).basal("10:05:00", 1.0)
    assert log.history().unreadable == ()


def test_a_reading_that_another_one_followed() -> None:
    """It is one that is missing; only where the newest cannot be read nothing is known."""
    log = PumpDay().reading("10:00:00", 100).write("10:05:00", 399)
    assert [one.code for one in log.history().unreadable] == [399]
    assert log.reading("10:10:00", 100).history().unreadable == ()
