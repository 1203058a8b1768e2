"""Boluses of the simulated pump, event by event."""

from datetime import datetime, timedelta
import json
from pathlib import Path

import pytest

from demo.pump import Ending, RawEvent, SimulatedPump
from demo.pump.wire import float32, float32_below

from .pump_days import bolus_by_events, of, properties, quiet_pump

CAPTURED = Path(__file__).parent.parent / "fixtures" / "tandem" / "samples.json"
MESSAGES = (64, 65, 66, 55, 59, 280, 20, 21)


def messages(pump: SimulatedPump) -> list[int]:
    """Return the codes of the bolus events."""
    return [event["eventCode"] for event in of(pump.events, *MESSAGES)]


def stamp(event: RawEvent) -> datetime:
    """Return the time on the pump's clock."""
    return datetime.fromisoformat(event["pumpDateTime"])


def test_a_bolus_from_the_phone_is_the_captured_one() -> None:
    """With the same request, the events equal the captured ones but for IOB and the closing 280."""
    capture = json.loads(CAPTURED.read_text(encoding="utf-8"))
    (group,) = (group for group in capture["groups"] if "bolus" in group["group"])
    pump = quiet_pump(first_bolus_id=1868)
    pump.give_bolus(3.14, 15, correction=0.64, glucose=131, by="phone")
    pump.run_for(minutes=5)
    simulated = of(pump.events, *MESSAGES)
    for real, ours in zip(group["events"], simulated[:6], strict=True):
        assert ours["eventCode"] == real["eventCode"]
        iob = {"iob": real["eventProperties"].get("iob")}
        assert ours["eventProperties"] | iob == real["eventProperties"] | iob
    closing = simulated[6]["eventProperties"]
    assert closing["bolusDeliveryStatus"] == 0
    assert closing["deliveredTotal"] == 3140


def test_a_bolus_from_the_pump_tells_ratio_factor_and_target() -> None:
    """Carbs entered on the pump make it type 1, with the calculator's numbers."""
    pump = quiet_pump()
    pump.give_bolus(5.0, 45, glucose=140)
    pump.run_for(minutes=5)
    (asked,) = properties(pump.events, 64)
    assert (asked["bolusType"], asked["carbAmount"], asked["bg"]) == (1, 45, 140)
    assert asked["carbRatio"] == 7000
    (more,) = properties(pump.events, 65)
    assert (more["options"], more["isf"], more["targetBg"]) == (0, 40, 110)


def test_an_extended_bolus_gives_its_parts_one_after_the_other() -> None:
    """The immediate part goes from 55 to 20, the later part from 59 to 21, closed by one 280 with the sum."""
    pump = quiet_pump()
    start = pump.now
    pump.give_bolus(4.0, 40, extended_minutes=120, now_percent=40)
    pump.run_for(minutes=60)
    half_way = pump.bolus_delivered(start, pump.now)
    pump.run_for(minutes=70)
    expected = [64, 65, 66, 55, 280, 20, 59, 21, 280]
    assert messages(pump) == expected
    assert half_way == pytest.approx(1.6 + 2.4 * 0.49, abs=0.05)
    (now_part,), (later_part,) = (
        properties(pump.events, 20),
        properties(pump.events, 21),
    )
    assert now_part["insulinDelivered"] == pytest.approx(1.6)
    assert later_part["insulinDelivered"] == pytest.approx(2.4)
    started, ended = properties(pump.events, 280)
    assert (started["requestedNow"], started["requestedLater"]) == (1600, 2400)
    assert (started["bolusType"], ended["deliveredTotal"]) == ([0, 1, 4], 4000)
    begun, done = of(pump.events, 55, 21)
    assert stamp(done) - stamp(begun) == timedelta(minutes=120)


def test_an_extended_bolus_can_be_all_later() -> None:
    """Without an immediate part there is neither 55 nor 20."""
    pump = quiet_pump()
    pump.give_bolus(2.0, extended_minutes=60, now_percent=0)
    pump.run_for(minutes=61)
    assert messages(pump) == [64, 65, 66, 59, 280, 21, 280]
    assert properties(pump.events, 65)[0]["standardPercent"] == 0


def test_a_normal_bolus_fits_into_an_extended_one() -> None:
    """While the later part runs a standard bolus is possible, another extended one is not."""
    pump = quiet_pump()
    pump.give_bolus(4.0, extended_minutes=120, now_percent=50)
    pump.run_for(minutes=20)
    assert pump.give_bolus(1.0, extended_minutes=30, now_percent=0) is None
    assert pump.give_bolus(1.0) is not None
    assert pump.give_bolus(1.0) is None
    pump.run_for(minutes=110)
    assert bolus_by_events(pump) == pytest.approx(5.0, abs=0.01)


@pytest.mark.parametrize("cut", ["person", "alarm", "malfunction", "low glucose"])
def test_a_bolus_cut_short_tells_what_it_gave(cut: str) -> None:
    """The end has the reason and the delivered amount."""
    pump = quiet_pump()
    start = pump.now
    pump.give_bolus(4.0)
    pump.run_for(seconds=15 + 58)
    match cut:
        case "person":
            pump.stop_bolus()
        case "alarm":
            pump.provoke_alarm(2)
        case "malfunction":
            pump.provoke_malfunction()
        case _:
            pump.suspend(6)
    (end,) = properties(pump.events, 20)
    status = {
        "person": Ending.USER,
        "alarm": Ending.ALARM,
        "malfunction": Ending.MALFUNCTION,
        "low glucose": Ending.LOW_GLUCOSE,
    }[cut]
    assert end["completionStatus"] == status
    assert end["insulinDelivered"] == pytest.approx(2.0, abs=0.001)
    assert end["insulinRequested"] == pytest.approx(4.0, abs=0.001)
    pump.run_for(minutes=10)
    assert pump.bolus_delivered(start, pump.now) == pytest.approx(2.0, abs=0.001)


def test_an_extended_bolus_cut_short_keeps_its_now_part() -> None:
    """Only the later part ends early."""
    pump = quiet_pump()
    pump.give_bolus(4.0, extended_minutes=100, now_percent=50)
    pump.run_for(minutes=50)
    pump.stop_bolus()
    (now_part,), (later_part,) = (
        properties(pump.events, 20),
        properties(pump.events, 21),
    )
    assert now_part["completionStatus"] == Ending.COMPLETED
    assert later_part["completionStatus"] == Ending.USER
    assert 0.9 < later_part["insulinDelivered"] < 1.1
    closing = properties(pump.events, 280)[-1]["deliveredTotal"] / 1000
    assert closing == pytest.approx(bolus_by_events(pump), abs=0.001)


def test_a_rejected_bolus_gives_nothing() -> None:
    """The bolus ends with status 5 without a start."""
    pump = quiet_pump()
    pump.give_bolus(4.0, 30, rejected=True)
    pump.run_for(minutes=5)
    assert messages(pump) == [64, 65, 66, 20]
    assert properties(pump.events, 20)[0]["completionStatus"] == Ending.REJECTED
    assert bolus_by_events(pump) == 0


def test_a_suspended_pump_gives_no_bolus() -> None:
    """The request leaves no event."""
    pump = quiet_pump()
    pump.suspend()
    assert pump.give_bolus(1.0) is None
    assert messages(pump) == []


def test_ids_wrap() -> None:
    """After 65535 the ids start at 1 again."""
    pump = quiet_pump(first_bolus_id=65535)
    ids = []
    for _ in range(3):
        ids.append(pump.give_bolus(0.5))
        pump.run_for(minutes=5)
    assert ids == [65535, 1, 2]


def test_insulin_on_board_rises_with_delivery_and_fades() -> None:
    """It equals the events at their times, and is zero after the insulin duration."""
    pump = quiet_pump()
    pump.give_bolus(3.0)
    pump.run_for(minutes=3)
    (end,) = properties(pump.events, 20)
    assert end["iob"] == pytest.approx(3.0, abs=0.05)
    values = []
    for _ in range(6):
        values.append(pump.insulin_on_board())
        pump.run_for(hours=1)
    assert values == sorted(values, reverse=True)
    assert 0.5 < values[2] < 2.0
    assert pump.insulin_on_board() == 0


def test_only_pump_and_phone_extend() -> None:
    """A quick bolus cannot be extended."""
    with pytest.raises(ValueError, match="extended"):
        quiet_pump().give_bolus(1.0, extended_minutes=60, by="quick")


@pytest.mark.parametrize(
    ("value", "printed"), [(3.14, 3.14), (0.06, 0.06), (9.475377, 9.475377), (0.0, 0.0)]
)
def test_numbers_print_as_32_bit_floats(value: float, printed: float) -> None:
    """A number has as few digits as identify it."""
    assert float32(value) == printed


def test_sums_carry_the_noise_of_32_bits() -> None:
    """A delivered amount is often one bit less than the requested one."""
    assert float32_below(3.14) == 3.1399999
    assert float32_below(0) == 0


def test_basal_off_the_profile_is_on_board() -> None:
    """A rate above the profile adds and one below subtracts, but the total is never below zero."""
    pump = quiet_pump()
    profile = pump.basal.profile_rate / 1000
    pump.set_temp_rate(200, 60)
    pump.run_for(hours=1)
    above = pump.insulin_on_board()
    assert 0.7 * profile < above < profile
    pump.enter_glucose(120)
    (entered,) = properties(pump.events, 16)
    assert entered["iob"] == pytest.approx(above, abs=1e-6)
    pump.suspend()
    pump.run_for(hours=2)
    assert pump.insulin_on_board() == 0
    pump.resume()
    pump.give_bolus(3.0)
    pump.run_for(minutes=3)
    assert 3.0 - 2 * profile < pump.insulin_on_board() < 3.0 - profile
