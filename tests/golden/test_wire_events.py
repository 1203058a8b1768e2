"""Short forms become a pump's events with consecutive numbers."""

from typing import Any

import pytest

from demo.pump import RawEvent

from .shape import CaseError
from .wire_events import EventRow


def written(*raw: Any) -> list[RawEvent]:
    """Return events in wire shape."""
    return EventRow("pump", 1001).write_out(raw, "here")


def stamps(events: list[RawEvent]) -> list[tuple[int, str]]:
    """Return codes and times of day."""
    return [(event["eventCode"], event["pumpDateTime"][11:]) for event in events]


def test_rates_and_readings_come_every_five_minutes() -> None:
    """Both ends are included, and readings follow two seconds later."""
    span = ["2026-05-20T23:55:00", "2026-05-21T00:00:00"]
    events = written({"every_5_min": span, "basal": 0.85, "glucose": 120})
    assert stamps(events) == [
        (279, "23:55:00"),
        (399, "23:55:02"),
        (279, "00:00:00"),
        (399, "00:00:02"),
    ]
    rate, reading = (event["eventProperties"] for event in events[:2])
    assert rate["commandedRate"] == rate["algorithmRate"] == 850
    assert (rate["commandedRateSource"], rate["tempRate"]) == (3, 65535)
    assert rate["profileBasalRate"] == 1000
    assert reading["currentGlucoseDisplayValue"] == 120
    assert reading["algorithmState"] == 32


def test_a_reading_tells_when_it_was_taken() -> None:
    """The time is in seconds since 2008 on the pump's clock, as in a captured case."""
    span = ["2026-05-18T11:44:28", "2026-05-18T11:44:28"]
    [reading] = written({"every_5_min": span, "glucose": 100, "code": 480})
    assert reading["eventProperties"]["egvTimeStamp"] == 579959070


@pytest.mark.parametrize(
    ("source", "algorithm", "temp"),
    [(0, 65535, 65535), (1, 65535, 65535), (2, 65535, 700), (4, 700, 65535)],
)
def test_a_rate_is_that_of_its_source(source: int, algorithm: int, temp: int) -> None:
    """Fields of the other sources are unset."""
    span = ["2026-05-20T12:00:00", "2026-05-20T12:00:00"]
    [event] = written({"every_5_min": span, "basal": 0.7, "source": source})
    properties = event["eventProperties"]
    assert (properties["algorithmRate"], properties["tempRate"]) == (algorithm, temp)


def test_doses_count_on() -> None:
    """Each dose is started, and done a second later."""
    span = ["2026-05-20T12:00:00", "2026-05-20T12:05:00"]
    events = written({"every_5_min": span, "dose": 0.1, "active": 2, "first_dose": 7})
    assert stamps(events) == [
        (558, "12:00:00"),
        (559, "12:00:01"),
        (558, "12:05:00"),
        (559, "12:05:01"),
    ]
    assert [event["eventProperties"]["doseId"] for event in events] == [7, 7, 8, 8]
    done = events[1]["eventProperties"]
    assert (done["syncDoseSizeDelivered"], done["activeInsulin"]) == (0.1, 2)
    assert done["currentBasalRate"] == 1200


def test_a_bolus_is_given_whole() -> None:
    """The bolus is requested, started after the countdown, and done after 29 seconds per unit."""
    at = "2026-05-20T07:56:00"
    bolus = {"bolus": 101, "at": at, "units": 4.0, "carbs": 40, "iob": 0.5}
    events = written(bolus)
    assert stamps(events) == [
        *[(code, "07:56:00") for code in (64, 65, 66)],
        *[(code, "07:56:15") for code in (55, 280)],
        *[(code, "07:58:11") for code in (280, 20)],
    ]
    end = events[-1]["eventProperties"]
    assert (end["insulinDelivered"], end["iob"], end["bolusId"]) == (4.0, 4.5, 101)


def test_numbers_are_counted_on_over_uploads() -> None:
    """Clock moves are numbered in the same sequence; explicit numbers win."""
    row = EventRow("pump", 11)
    one = {"eventCode": 13, "pumpDateTime": "2026-05-20T12:00:00"}
    moves: list[Any] = [{**one, "eventProperties": {}}] * 2
    later = {**moves[0], "sequenceGroup": 1, "sequenceNumber": 3}
    first = row.write_out(moves, "here")
    second = row.write_out([later, moves[0]], "there")
    places = [
        (event["sequenceGroup"], event["sequenceNumber"]) for event in first + second
    ]
    assert places == [(0, 11), (0, 12), (1, 3), (1, 4)]
    assert first[0]["estimatedDateTime"] == "2026-05-20T12:00:00Z"
    assert first[0]["deviceAssignmentId"] == "pump"


@pytest.mark.parametrize(
    "raw",
    [
        {"every_5_min": ["2026-05-20T12:00:00", "2026-05-20T12:00:00"]},
        {"every_5_min": ["2026-05-20T12:00:00", "2026-05-20T11:00:00"], "basal": 1},
        {"every_5_min": ["2026-05-20T12:00:00Z", "2026-05-20T12:00:00Z"], "basal": 1},
        {
            "every_5_min": ["2026-05-20T12:00:00", "2026-05-20T12:00:00"],
            "basal": 1,
            "rate": 2,
        },
        {"bolus": 1, "at": "2026-05-20T12:00:00", "units": 1, "carbs": 1},
        {"eventCode": 5, "pumpDateTime": "2026-05-20T12:00:00"},
        {"eventCode": 5, "pumpDateTime": "noon", "eventProperties": {}},
    ],
)
def test_what_cannot_be_read_is_refused(raw: Any) -> None:
    """Every part of a case has to be readable."""
    with pytest.raises(CaseError):
        written(raw)
