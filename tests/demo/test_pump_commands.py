"""A quiet pump only acts on command."""

from datetime import timedelta

import pytest

from demo.pump import Mode, Profile, Segment, Settings

from .pump_days import START, basal_by_events, of, properties, quiet_pump


def test_left_alone_it_only_delivers() -> None:
    """Its log has a 279 every five minutes, consecutive numbers, and the profile's units."""
    pump = quiet_pump(
        settings=Settings(
            profiles=[
                Profile(idp=0, name="Flat", segments=[Segment(start=0, basal=900)])
            ]
        )
    )
    pump.run_for(hours=10)
    assert {event["eventCode"] for event in pump.events} == {279}
    assert len(pump.events) == 121
    first = pump.events[0]["sequenceNumber"]
    assert [event["sequenceNumber"] for event in pump.events] == list(
        range(first, first + 121)
    )
    assert pump.basal_delivered(START, pump.now) == pytest.approx(9.0)
    assert basal_by_events(pump) == pytest.approx(9.0)


def test_suspension_stops_delivery_to_the_second() -> None:
    """11 and 12 have the remaining insulin, with code 3 and 279 beside them."""
    pump = quiet_pump()
    pump.run_for(seconds=100)
    start = pump.now
    pump.suspend()
    left = pump.reservoir.left
    pump.run_for(minutes=17)
    pump.resume()
    assert pump.basal_delivered(start, pump.now) == 0
    assert pump.reservoir.left == left
    (stop,), (go,) = properties(pump.events, 11), properties(pump.events, 12)
    assert (stop["suspendReason"], stop["insulinAmount"]) == (0, int(left))
    assert go["insulinAmount"] == int(left)
    reasons = [change["changeType"] for change in properties(pump.events, 3)]
    assert reasons == [[4], [5]]
    assert [basal["commandedRateSource"] for basal in properties(pump.events, 279)][
        -2:
    ] == [0, 1]


def test_an_alarm_stops_delivery_until_resumed() -> None:
    """5 is followed by 11 with reason 1; clearing alone does not resume."""
    pump = quiet_pump()
    pump.provoke_alarm(2)
    assert [e["eventCode"] for e in of(pump.events, 5, 11)] == [5, 11]
    assert properties(pump.events, 11)[0]["suspendReason"] == 1
    pump.clear_alarm(2)
    assert pump.basal.suspended
    assert properties(pump.events, 28) == [{"alarmId": 2}]
    pump.resume()
    assert not pump.basal.suspended


@pytest.mark.parametrize("by", [3, 53, None])
def test_a_pump_that_is_off_does_nothing(by: int | None) -> None:
    """Its log has a shutdown at most, and the events of a reset pump at power-on."""
    pump = quiet_pump()
    pump.run_for(minutes=12)
    start, before = pump.now, len(pump.events)
    pump.shut_down(by)
    pump.run_for(hours=3)
    pump.resume()
    pump.switch_on()
    pump.run_for(minutes=2)
    pump.resume()
    assert pump.basal_delivered(start, pump.now) == 0
    codes = [event["eventCode"] for event in pump.events[before:]]
    assert codes == [*filter(None, [by]), 99, 5, 11, 12, 3, 279, 230]
    numbers = [event["sequenceNumber"] for event in pump.events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_an_alert_changes_nothing() -> None:
    """4 and 26 are logged, and delivery continues."""
    pump = quiet_pump()
    pump.provoke_alert(0)
    pump.clear_alert(0)
    assert [e["eventCode"] for e in of(pump.events, 4, 26)] == [4, 26]
    assert not pump.basal.suspended


def test_a_malfunction_never_clears() -> None:
    """6 and a suspension with reason 2 are logged; resuming adds nothing."""
    pump = quiet_pump()
    pump.provoke_malfunction(9)
    pump.resume()
    assert properties(pump.events, 6)[0]["malfId"] == 9
    assert properties(pump.events, 11)[0]["suspendReason"] == 2
    assert not of(pump.events, 28)


def test_a_temporary_rate_comes_and_goes() -> None:
    """The rate has source 2 at the percentage, and then source 1 again."""
    pump = quiet_pump()
    start = pump.now
    pump.set_temp_rate(50, 60)
    pump.run_for(minutes=60)
    assert pump.basal_delivered(start, pump.now) == pytest.approx(0.475)
    last = properties(pump.events, 279)[-1]
    assert (last["commandedRateSource"], last["tempRate"]) == (1, 65535)
    temps = [
        basal["tempRate"]
        for basal in properties(pump.events, 279)
        if basal["commandedRateSource"] == 2
    ]
    assert set(temps) == {475}
    assert [change["changeType"] for change in properties(pump.events, 3)] == [[2], [3]]


def test_another_profile_changes_rate_and_settings() -> None:
    """69 and 57 contain its name, and the settings show it as active."""
    pump = quiet_pump()
    pump.activate_profile(2)
    (named,), (rest,) = properties(pump.events, 69), properties(pump.events, 57)
    letters = [named[f"name{place}"] for place in range(8)] + [
        rest[f"name{place}"] for place in range(8, 16)
    ]
    assert "".join(map(chr, letters)).rstrip("\0") == "Weekend"
    assert pump.settings["profiles"]["activeIdp"] == 2
    assert properties(pump.events, 3)[-1]["changeType"] == [1]


def test_modes_begin_and_end() -> None:
    """Timed exercise ends by its timer, sleep by hand."""
    pump = quiet_pump()
    pump.start_mode(Mode.EXERCISE, 45)
    pump.run_for(minutes=46)
    pump.start_mode(Mode.SLEEP)
    pump.stop_mode()
    changes = properties(pump.events, 229)
    assert [(c["previousUserMode"], c["currentUserMode"]) for c in changes] == [
        (0, 2),
        (2, 0),
        (0, 1),
        (1, 0),
    ]
    assert (changes[0]["exerciseChoice"], changes[0]["exerciseTime"]) == (1, 45)
    assert [c["exerciseStoppedByTimer"] for c in changes] == [0, 1, 0, 0]
    assert [c["requestedAction"] for c in changes] == [3, 4, 1, 2]


def test_a_new_site_goes_its_way() -> None:
    """Suspend, cartridge, tubing, cannula and resume are logged, with the insulin left after priming."""
    pump = quiet_pump()
    pump.change_site(180, tubing=15.0)
    pump.run_for(minutes=4)
    assert [e["eventCode"] for e in of(pump.events, 11, 33, 63, 61, 12)] == [
        11,
        33,
        63,
        61,
        12,
    ]
    assert properties(pump.events, 12)[0]["insulinAmount"] == 164


def test_a_mobi_tells_its_fill_otherwise() -> None:
    """The volume is in v2Volume, and an unrecorded prime reads -1."""
    pump = quiet_pump(model="Mobi")
    pump.change_site(160, recorded=False)
    pump.run_for(minutes=4)
    assert properties(pump.events, 33) == [{"insulinVolume": 0, "v2Volume": 160.0}]
    assert properties(pump.events, 63)[0]["primeSize"] == -1
    assert pump.about["modelName"].startswith("Tandem Mobi")


def test_readings_are_logged_as_asked() -> None:
    """Raw value, status and rate are logged, including nonsense."""
    pump = quiet_pump()
    pump.read_glucose(873, status=1, rate=-12)
    (reading,) = properties(pump.events, 399)
    assert (
        reading["currentGlucoseDisplayValue"],
        reading["glucoseValueStatus"],
        reading["rate"],
    ) == (873, 1, -12)


def test_old_software_logs_changes_only() -> None:
    """Without 279 a code 3 is logged whenever the rate changes."""
    pump = quiet_pump()
    pump.basal.logs_deliveries = False
    pump.suspend()
    pump.run_for(minutes=30)
    pump.resume()
    assert len(of(pump.events, 279)) == 1
    assert [change["commandedBasalRate"] for change in properties(pump.events, 3)] == [
        0.0,
        0.95,
    ]


def test_the_sequence_can_restart() -> None:
    """A new group starts at one."""
    pump = quiet_pump()
    pump.restart_sequence()
    event = pump.log_event(27, anything="at all")
    assert (event["sequenceGroup"], event["sequenceNumber"]) == (1, 1)


def test_time_passes_only_when_asked() -> None:
    """Every command is carried out at the current time of the life."""
    pump = quiet_pump()
    pump.run_until(START + timedelta(minutes=12, seconds=34))
    pump.enter_glucose(140)
    assert pump.instants[-1] == START + timedelta(minutes=12, seconds=34)
