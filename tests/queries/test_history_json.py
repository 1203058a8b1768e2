"""Records as JSON: the records of a span, and every value with its unit."""

from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.tconnectsync.queries.history_json import (
    histories_json,
    history_json,
)
from custom_components.tconnectsync.queries.record_json import KINDS
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.history import History, derive
from demo.pump import SimulatedPump
from demo.pump.control_iq import Mode
from tests.therapy.pump_days import PumpDay, at

START = datetime(2026, 5, 4, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALL = date.min


@pytest.fixture
def pump() -> SimulatedPump:
    """A pump that only acts on command, from six in the morning."""
    return SimulatedPump(start=START, time_zone=ZoneInfo("UTC"), seed=1, quiet=True)


def history_of(pump: SimulatedPump) -> History:
    """Return the history of a pump's log."""
    return derive(
        decode_events(map(dict, pump.events)).events, [], ZoneInfo("UTC"), pump.now
    )


def test_a_meal_bolus(pump: SimulatedPump) -> None:
    """A bolus states the requested and the delivered amounts, and the reason for a difference."""
    pump.give_bolus(4.5, 45, correction=0.5, glucose=160)
    pump.run_until(START + HOUR)
    (bolus,) = history_json(history_of(pump), START, None, complete_after=ALL)[
        "boluses"
    ]
    assert bolus["kind"] == "meal"
    assert bolus["requested_units"] == bolus["delivered_units"] == 4.5
    assert bolus["carbs_grams"] == 45
    assert bolus["glucose_mg_dl"] == 160
    assert bolus["correction_units"] == 0.5
    assert bolus["ended_by"] == "completed"
    assert not bolus["in_progress"]
    assert START < datetime.fromisoformat(bolus["time"]) < START + timedelta(minutes=1)


@pytest.mark.parametrize("lost", [0, 40])
def test_a_bolus_of_which_nobody_knows_whether_it_was_given(lost: int) -> None:
    """If the log after the request is missing the bolus is uncertain; a complete log shows that it did not start."""
    log = PumpDay().ask("12:12:00", 7, 5.0, carbs=50)
    log.number += lost
    happened = log.reading("12:40:00", 150).history()
    (bolus,) = history_json(happened, at("00:00:00"), None, complete_after=ALL)[
        "boluses"
    ]
    assert bolus["delivery_unknown"] is bool(lost)
    assert (bolus["requested_units"], bolus["carbs_grams"]) == (5.0, 50 if lost else 0)


def test_what_lasts_has_no_end_yet(pump: SimulatedPump) -> None:
    """Running basal and a running suspension have no end, for any span."""
    pump.run_until(START + HOUR)
    running = history_json(history_of(pump), START, None, complete_after=ALL)["basal"]
    assert running[-1]["end"] is None
    assert running[-1]["rate_units_per_hour"] > 0
    pump.suspend()
    pump.run_until(START + 2 * HOUR)
    found = history_json(history_of(pump), START, None, complete_after=ALL)
    assert all(segment["end"] for segment in found["basal"])
    assert found["suspensions"] == [
        {
            "start": (START + HOUR).isoformat(),
            "end": None,
            "end_known": True,
            "reason": "user",
        }
    ]


def test_an_alarm_that_is_raised_again_was_not_cleared(pump: SimulatedPump) -> None:
    """Reminders show that the alarm is still raised."""
    for minutes in (15, 30):
        pump.provoke_alarm(18)
        pump.run_until(START + timedelta(minutes=minutes))
    first, last = history_json(history_of(pump), START, None, complete_after=ALL)[
        "alarms"
    ]
    assert (first["cleared"], first["ended_by"]) == (None, "repeated")
    assert first["ended"] == last["time"]
    assert (last["cleared"], last["ended"], last["ended_by"]) == (None, None, None)


def test_alarms_sites_and_activities(pump: SimulatedPump) -> None:
    """Alarms have a stable type and plain words, fills an amount, activities a name."""
    pump.provoke_alarm(2)
    pump.run_until(START + HOUR)
    pump.clear_alarm(2)
    pump.resume()
    pump.start_mode(Mode.EXERCISE, 45)
    pump.change_site(180.0)
    pump.run_until(START + 2 * HOUR)
    found = history_json(history_of(pump), START, None, complete_after=ALL)
    (alarm,) = found["alarms"]
    assert (alarm["kind"], alarm["type"], alarm["meaning"]) == (
        "alarm",
        "occlusion",
        "Occlusion",
    )
    assert alarm["time"] == START.isoformat()
    assert alarm["cleared"] == alarm["ended"] == (START + HOUR).isoformat()
    assert alarm["ended_by"] == "cleared"
    assert [fill["kind"] for fill in found["site_changes"]] == [
        "cartridge",
        "tubing",
        "cannula",
    ]
    assert found["site_changes"][0]["amount_units"] == 180
    (activity,) = found["activities"]
    assert (activity["mode"], activity["planned_minutes"]) == ("exercise", 45)
    assert activity["end"] == (START + HOUR + timedelta(minutes=45)).isoformat()


def test_a_span_holds_what_reaches_into_it(pump: SimulatedPump) -> None:
    """An instant belongs to a span from its start until before its end; longer records belong where they overlap."""
    pump.give_bolus(6, extended_minutes=120, now_percent=50)
    pump.read_glucose(120)
    pump.run_until(START + HOUR)
    pump.read_glucose(110)
    pump.run_until(START + 3 * HOUR)
    found = history_json(
        history_of(pump), START + HOUR, START + 2 * HOUR, complete_after=ALL
    )
    assert [reading["glucose_mg_dl"] for reading in found["glucose"]] == [110]
    assert [bolus["kind"] for bolus in found["boluses"]] == ["extended"]
    assert found["boluses"][0]["extended_minutes"] == pytest.approx(120, abs=2)
    assert found["basal"][0]["start"] <= (START + HOUR).isoformat()
    before = history_json(
        history_of(pump), START - HOUR, START + HOUR, complete_after=ALL
    )
    assert [reading["glucose_mg_dl"] for reading in before["glucose"]] == [120]


def test_a_bolus_under_way_reaches_on(pump: SimulatedPump) -> None:
    """A bolus that has not ended belongs to every later span."""
    pump.give_bolus(6, extended_minutes=480, now_percent=0)
    pump.run_until(START + HOUR)
    found = history_json(history_of(pump), START + HOUR, None, complete_after=ALL)
    assert [bolus["in_progress"] for bolus in found["boluses"]] == [True]


def test_the_oldest_day_is_context_only(pump: SimulatedPump) -> None:
    """Records of an incomplete day are left out."""
    pump.run_until(START + 24 * HOUR)
    history = history_of(pump)
    found = history_json(history, START, None, complete_after=START.date())
    assert found["basal"]
    assert {segment["start"][:10] for segment in found["basal"]} == {"2026-05-05"}
    assert not any(
        history_json(history, START, None, complete_after=date(2026, 5, 5)).values()
    )


def test_only_what_is_asked_for(pump: SimulatedPump) -> None:
    """Only requested kinds of records are returned."""
    pump.run_until(START + HOUR)
    found = history_json(
        history_of(pump), START, None, complete_after=ALL, kinds=["glucose"]
    )
    assert list(found) == ["glucose"]


def test_a_lively_day_is_json() -> None:
    """All records of ten days, with gaps, are valid JSON in order of time."""
    pump = SimulatedPump(start=START, time_zone=ZoneInfo("UTC"), seed=3)
    pump.run_until(START + timedelta(days=10))
    del pump.events[-1500:-1400]
    found = history_json(history_of(pump), START, None, complete_after=ALL)
    assert set(found) == set(KINDS)
    assert json.loads(json.dumps(found)) == found
    for records in found.values():
        assert records
        times = [record.get("time") or record["start"] for record in records]
        assert times == sorted(times)


def test_pumps_in_use_one_after_the_other(pump: SimulatedPump) -> None:
    """Records of both pumps are sorted by time, and the removed pump has no running ones."""
    pump.give_bolus(2.0)
    pump.run_until(START + HOUR)
    pump.start_mode(Mode.SLEEP)
    pump.run_until(START + 2 * HOUR)
    new = SimulatedPump(
        start=START + 2 * HOUR, time_zone=ZoneInfo("UTC"), seed=2, quiet=True
    )
    new.give_bolus(3.0)
    new.run_until(START + 3 * HOUR)
    of_old, of_new = history_of(pump), history_of(new)
    found = histories_json(
        of_new, {"1": of_old, "2": of_new}, START, None, complete_after=ALL
    )
    assert [one["delivered_units"] for one in found["boluses"]] == [2.0, 3.0]
    assert [one["end"] for one in found["basal"]].count(None) == 1
    assert found["basal"][-1]["end"] is None
    assert found["activities"][0]["end"] == pump.instants[-1].isoformat()
    pump.suspend()
    pump.run_for(minutes=10)
    found = histories_json(
        of_new,
        {"1": history_of(pump), "2": History()},
        START,
        None,
        complete_after=ALL,
    )
    (suspension,) = found["suspensions"]
    assert suspension["end"] == pump.instants[-1].isoformat()
    assert not suspension["end_known"]


def test_a_bolus_of_a_pump_that_was_taken_off(pump: SimulatedPump) -> None:
    """Its end is unknown; the record lasts as long as the log shows that it was being delivered."""
    pump.give_bolus(6, extended_minutes=480, now_percent=0)
    pump.run_until(START + 2 * HOUR)
    new = SimulatedPump(
        start=START + 2 * HOUR, time_zone=ZoneInfo("UTC"), seed=2, quiet=True
    )
    new.run_until(START + 5 * HOUR)
    of_old, of_new = history_of(pump), history_of(new)

    def boluses(after: timedelta) -> list[tuple[bool, bool, str | None]]:
        found = histories_json(
            of_new,
            {"1": of_old, "2": of_new},
            START + after,
            None,
            complete_after=ALL,
        )
        return [
            (one["in_progress"], one["end_missing"], one["end"])
            for one in found["boluses"]
        ]

    assert boluses(timedelta()) == [(False, True, None)]
    assert boluses(HOUR) == [(False, True, None)]
    assert boluses(3 * HOUR) == []
