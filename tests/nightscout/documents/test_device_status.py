"""The state of the pump at each time at which it logged insulin on board."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import (
    Delivery,
    FillKind,
    MissingEvents,
    UnreadableEvent,
)
from custom_components.tconnectsync.therapy.reservoir import reservoir
from tests.nightscout.records import (
    DAY,
    PUMP,
    activity,
    at,
    battery,
    bolus,
    cartridge,
    control,
    fill,
    gap,
    history,
    insulin_on_board,
    segment,
    suspension,
    utc,
    wall,
)

from . import documents_of, fields, only

IOB = insulin_on_board("12:00:00", 500, 2.35)
OTHER = replace(PUMP, serial_number="87654321")
NONE_FLOWS = segment("06:00:00", "14:00:00", 0.0, 100)


def pump(**records: Any) -> dict[str, Any]:
    """Return the pump part of the device status at noon."""
    known = {"basal": [NONE_FLOWS], "insulin_on_board": [IOB]} | records
    [document] = documents_of(Feature.DEVICE_STATUS, **known)
    part: dict[str, Any] = document.body["pump"]
    return part


def test_what_is_known() -> None:
    """The document has insulin on board, reservoir, battery and modes of that moment."""
    clock = "2025-11-20T12:00:00.501+01:00"
    assert only(
        Feature.DEVICE_STATUS,
        insulin_on_board=[IOB],
        basal=[NONE_FLOWS],
        cartridge_readings=[cartridge("11:00:00", 400, 180)],
        battery=[battery("07:00:00", 300, 80)],
        activity_mode_changes=[activity("10:00:00", 350, UserMode.EXERCISE)],
        control_modes=[control("10:00:00", 351, ControlMode.CLOSED_LOOP)],
    ) == {
        "identifier": "tconnectsync:12345678:status:0-500",
        "pump_event_id": "500",
        "created_at": clock,
        "pump": {
            "clock": clock,
            "iob": {"iob": 2.35, "bolusiob": 2.35, "timestamp": clock},
            "status": {"status": "normal", "suspended": False, "timestamp": clock},
            "reservoir": 180.0,
            "battery": {"percent": 80},
            "extended": {"Activity": "Exercise", "Control": "Closed loop"},
            "manufacturer": "Tandem",
            "model": "t:slim X2",
        },
    }


@pytest.mark.parametrize(("hours", "told"), [(23, False), (25, True)])
def test_nothing_is_of_now_by_a_clock_that_may_be_wrong(hours: int, told: bool) -> None:
    """With a doubtful clock the last day has no such documents; older ones stay as they were."""
    newest = IOB.start + timedelta(hours=hours)
    sure = history(newest, insulin_on_board=[IOB], basal=[NONE_FLOWS])
    doubtful = replace(sure, clock_doubtful=True)
    before = documents(sure, PUMP, {Feature.DEVICE_STATUS})
    assert before
    assert documents(doubtful, PUMP, {Feature.DEVICE_STATUS}) == (
        before if told else []
    )


def test_a_fast_clock_hides_no_bolus() -> None:
    """Its times past the upload fall on one instant, so the order of the log decides."""
    noon = utc("12:00:00")
    at_once = Delivery(3.0, noon, noon)
    numbers = (499, 500, 502)
    within = bolus(
        "12:00:00", 3.0, 499, numbers=numbers, end=noon, now_delivery=at_once
    )
    assert "iob" not in pump(boluses=[within])
    before = replace(within, numbers=(497, 498, 499))
    assert "iob" in pump(boluses=[before])


class TestInsulinOnBoard:
    """The value is left out when more insulin may have been on board."""

    def test_while_a_bolus_is_given(self) -> None:
        """It is left out from the start of the bolus until its end, with which the pump logs a complete value."""
        end = utc("12:03:00")
        assert "iob" not in pump(boluses=[bolus("12:00:00", 3.0, 499, end=end)])
        assert "iob" not in pump(boluses=[bolus("11:59:00", 3.0, 490, end=end)])
        over = bolus("11:59:00", 3.0, 490, end=utc("12:00:00"))
        assert pump(boluses=[over])["iob"]["iob"] == 2.35
        assert "iob" in pump(boluses=[bolus("12:00:15", 3.0, 501, end=end)])

    def test_while_its_end_is_not_known(self) -> None:
        """This holds however long ago the bolus started."""
        running = bolus("09:00:00", 3.0, 400, end=None, in_progress=True)
        assert "iob" not in pump(boluses=[running])

    def test_a_bolus_that_gave_nothing(self) -> None:
        """A bolus without delivery is not missing in the value."""
        nothing = bolus("11:59:00", 0.0, 490, end=utc("12:03:00"))
        assert "iob" in pump(boluses=[nothing])

    def test_after_a_reset(self) -> None:
        """It is left out for eight hours, the longest insulin duration of a pump."""
        for clock, known in (("04:00:01", False), ("04:00:00", True)):
            said = replace(IOB, counted_from=utc(clock))
            [document] = documents_of(Feature.DEVICE_STATUS, insulin_on_board=[said])
            assert ("iob" in document.body["pump"]) == known

    def test_at_the_beginning_of_a_log(self) -> None:
        """Insulin of another pump or a pen is not part of the value."""
        for clock, known in (("04:00:01", False), ("04:00:00", True)):
            begun = replace(history(insulin_on_board=[IOB]), oldest=utc(clock))
            [document] = documents(begun, PUMP, {Feature.DEVICE_STATUS})
            assert ("iob" in document.body["pump"]) == known

    def test_after_another_pump(self) -> None:
        """It is left out after another pump was in use."""
        mine = history(
            newest=utc("13:00:00"),
            basal=[segment("11:00:00", "13:00:00", 1.0, 450)],
            insulin_on_board=[IOB],
        )
        for until, known in (("10:50:00", False), ("12:30:00", False), (None, True)):
            rates = [segment("06:00:00", until, 1.0, 10)] if until else []
            other = history(newest=utc("12:30:00"), basal=rates)
            [document] = documents(
                mine, PUMP, {Feature.DEVICE_STATUS}, others={OTHER: other}
            )
            assert ("iob" in document.body["pump"]) == known

    def test_while_another_pump_is_not_read(self) -> None:
        """Insulin of that pump may still act."""
        rates = [segment("00:00:00", "13:00:00", 1.0, 100)]
        for since, until, known in (
            ("03:00:00", "04:00:01", False),
            ("03:00:00", "03:59:00", True),
            ("11:00:00", "18:00:00", False),
            ("12:00:01", "18:00:00", True),
        ):
            mine = replace(
                history(utc("13:00:00"), basal=rates, insulin_on_board=[IOB]),
                others_unread=((utc(since), utc(until)),),
            )
            [document] = documents(mine, PUMP, {Feature.DEVICE_STATUS})
            assert ("iob" in document.body["pump"]) == known

    def test_after_a_pump_whose_clock_is_wrong(self) -> None:
        """The times of its delivery are uncertain."""
        rates = [segment("00:00:00", "13:00:00", 1.0, 100)]
        mine = history(utc("13:00:00"), basal=rates, insulin_on_board=[IOB])
        gave = [segment("02:00:00", "03:00:00", 1.0, 10)]
        for off, known in ((None, True), (timedelta(hours=-3), False)):
            other = replace(history(utc("03:00:00"), basal=gave), clock_off=off)
            [document] = documents(
                mine, PUMP, {Feature.DEVICE_STATUS}, others={OTHER: other}
            )
            assert ("iob" in document.body["pump"]) == known


def test_nothing_is_made_up() -> None:
    """Unknown values are left out, and so is an old battery reading."""
    yesterday = DAY - timedelta(days=1)
    known = pump(battery=[battery("11:00:00", 300, 80, yesterday)])
    assert not {"reservoir", "battery", "extended"} & set(known)


def test_nothing_from_later() -> None:
    """Each document uses the state of its own moment only."""
    known = pump(
        battery=[battery("12:30:00", 600, 80)],
        cartridge_readings=[cartridge("12:30:00", 601, 180)],
        activity_mode_changes=[activity("12:30:00", 602, UserMode.SLEEP)],
        suspensions=[suspension("12:30:00", "12:40:00", 603)],
    )
    assert not {"reservoir", "battery", "extended"} & set(known)
    assert known["status"]["suspended"] is False


def test_suspended() -> None:
    """The status is suspended while no insulin flows."""
    off = suspension("11:50:00", "12:10:00", 480)
    assert pump(suspensions=[off])["status"]["status"] == "suspended"
    over = suspension("11:40:00", "12:00:00", 470)
    assert pump(suspensions=[over])["status"]["status"] == "normal"


class TestReservoir:
    """The reservoir is the last reading or fill, less everything delivered and primed since."""

    def test_what_was_delivered_is_taken_off(self) -> None:
        """Basal up to the moment and complete boluses are subtracted."""
        known = pump(
            newest=utc("14:00:00"),
            cartridge_readings=[cartridge("10:00:00", 400, 100)],
            basal=[segment("09:00:00", "13:00:00", 2.0, 390)],
            boluses=[bolus("11:00:00", 3.0, 450), bolus("13:00:00", 9.0, 550)],
        )
        assert known["reservoir"] == 93.0

    def test_what_was_primed_is_taken_off(self) -> None:
        """Priming the tubing uses insulin of the new cartridge."""
        known = pump(
            fills=[
                fill("10:00:00", 400, FillKind.CARTRIDGE, amount=200),
                fill("10:02:00", 401, FillKind.TUBING, amount=15.5),
                fill("10:04:00", 402, FillKind.CANNULA),
                fill("13:00:00", 600, FillKind.CARTRIDGE, amount=250),
            ]
        )
        assert known["reservoir"] == 184.2

    @pytest.mark.parametrize("kind", [FillKind.CARTRIDGE, FillKind.TUBING])
    def test_unknown_amounts_leave_it_unknown(self, kind: FillKind) -> None:
        """It is left out until the next reading."""
        fills = [
            fill("10:00:00", 400, FillKind.CARTRIDGE, amount=200),
            fill("10:02:00", 401, kind, amount=None),
        ]
        assert "reservoir" not in pump(fills=fills)
        reading = cartridge("10:10:00", 410, 170)
        known = pump(fills=fills, cartridge_readings=[reading])
        assert known["reservoir"] == 170.0

    @pytest.mark.parametrize(
        ("off", "known"), [("11:30:00", True), ("11:29:59", False)]
    )
    def test_unseen_insulin_leaves_it_unknown(self, off: str, known: bool) -> None:
        """A suspension long before the moment counts as known time."""
        records: dict[str, Any] = {
            "cartridge_readings": [cartridge("10:00:00", 400, 100)],
            "basal": [segment("09:00:00", "11:00:00", 2.0, 390)],
            "suspensions": [suspension("11:00:00", off, 450)],
        }
        assert ("reservoir" in pump(**records)) == known
        again = suspension("11:50:00", "11:55:00", 490)
        records["suspensions"] = [suspension("11:00:00", "11:20:00", 450), again]
        assert pump(**records)["reservoir"] == 98.0

    def test_it_agrees_with_what_the_sensor_shows(self) -> None:
        """At the newest event it equals the sensor."""
        records: dict[str, Any] = {
            "cartridge_readings": [cartridge("06:00:00", 100, 120)],
            "basal": [
                segment(
                    f"{hour:02}:00:00", f"{hour + 1:02}:00:00", 0.7 + hour / 10, hour
                )
                for hour in range(6, 12)
            ],
            "boluses": [bolus("07:30:00", 4.05, 170), bolus("11:50:00", 1.0, 480)],
        }
        whole: History = history(newest=utc("12:00:00"), **records)
        left = reservoir(whole)
        assert left
        assert pump(newest=utc("12:00:00"), **records)["reservoir"] == round(
            left.left, 1
        )


def test_whether_insulin_flows_is_not_known() -> None:
    """Without a rate, suspension or resume Nightscout shows no status instead of a normal one."""
    ended = segment("06:00:00", "11:40:00", 0.8, 100)
    nobody_knows = pump(basal=[ended], basal_gaps=[gap("11:40:00", "12:20:00", 460)])
    assert "status" not in nobody_knows
    assert "iob" in nobody_knows
    assert "status" not in pump(basal=[])
    for resumed, until, known in (
        (True, "11:55:00", True),
        (True, "11:45:00", False),
        (False, "11:55:00", False),
    ):
        off = suspension("11:40:00", until, 470, resumed=resumed)
        told = pump(basal=[ended], suspensions=[off]).get("status", {})
        assert told.get("status") == ("normal" if known else None)


@pytest.mark.parametrize("code", [None, 11])
def test_what_may_have_ended_delivery(code: int | None) -> None:
    """After a lost part of the log or an unreadable suspension, the status is left out until the next rate."""
    lost = MissingEvents(**at("11:58:00", 490), end=utc("11:58:00"), code=None)
    unread = UnreadableEvent(
        **at("11:58:00", 490),
        code=11,
        basal=True,
        bolus=False,
        carbs=False,
        cartridge=True,
    )
    records = {"missing": [lost]} if code is None else {"unreadable": [unread]}
    for number, known in ((480, False), (495, True), (505, False)):
        rate = replace(NONE_FLOWS, numbers=(100, number))
        assert ("status" in pump(basal=[rate], **records)) == known


def test_a_mode_that_may_have_changed_is_left_out() -> None:
    """Its change may be lost or unreadable."""
    modes = [
        activity("10:00:00", 350, UserMode.EXERCISE),
        activity("11:00:00", 400, None),
    ]
    loops = [
        control("10:00:00", 351, ControlMode.CLOSED_LOOP),
        control("11:00:00", 400, None),
    ]
    assert "extended" not in pump(activity_mode_changes=modes, control_modes=loops)


def test_one_for_each_event_that_tells_it() -> None:
    """One document is sent for each such event, and none without the feature."""
    several = [insulin_on_board(f"12:0{n}:00", n, float(n)) for n in range(5)]
    documents = documents_of(Feature.DEVICE_STATUS, insulin_on_board=several)
    assert [fields(one)["pump"]["iob"]["iob"] for one in documents] == [0, 1, 2, 3, 4]
    assert documents_of(Feature.BASAL, insulin_on_board=several) == []


def test_what_lies_a_week_back_is_not_known_any_more() -> None:
    """Older context is left out, because the same moment must not change once the context is deleted."""
    week = DAY - timedelta(days=7)
    almost = DAY - timedelta(days=6)
    old = replace(cartridge("12:00:00", 400, 200), pump_time=wall("12:00:00", week))
    mode = replace(
        activity("12:00:00", 401, UserMode.SLEEP), pump_time=wall("12:00:00", week)
    )
    off = replace(
        suspension("11:00:00", "13:00:00", 402), pump_time=wall("12:00:00", week)
    )
    known = pump(
        cartridge_readings=[old], activity_mode_changes=[mode], suspensions=[off]
    )
    assert not {"reservoir", "extended"} & set(known)
    assert known["status"]["suspended"] is False
    recent = replace(old, pump_time=wall("12:00:00", almost))
    assert pump(cartridge_readings=[recent])["reservoir"] == 200
