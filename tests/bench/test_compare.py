"""The comparison with tconnectsync explains known differences, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bench.compare.common_form import WrittenDocument, read
from bench.compare.comparing import compare_documents
from bench.compare.differences import PAGE, known, page
from bench.compare.truth import Truth, truth_of
from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.history import derive
from demo.pump import SimulatedPump

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 10, 6, tzinfo=UTC)
FEATURES = frozenset({Feature.BASAL, Feature.BOLUS, Feature.PUMP_EVENTS})


@pytest.fixture
def pump() -> SimulatedPump:
    """Return a pump with a bolus, an extended one, an alarm and their consequences."""
    pump = SimulatedPump(start=START, time_zone=ZONE, quiet=True)
    pump.run_for(minutes=12)
    pump.give_bolus(3.25, 30)
    pump.run_for(minutes=31)
    pump.give_bolus(2.0, extended_minutes=20, now_percent=50)
    pump.run_for(minutes=43)
    pump.provoke_alarm(2)
    pump.run_for(minutes=8)
    pump.resume()
    pump.run_for(minutes=14)
    return pump


def by_tconnectsync(pump: SimulatedPump) -> list[WrittenDocument]:
    """Return the documents that tconnectsync uploads for such a pump."""
    requests: dict[int, dict[str, Any]] = {}
    found: list[WrittenDocument] = []
    rates = [
        instant
        for event, instant in zip(pump.events, pump.instants, strict=True)
        if event["eventCode"] == 279
    ]
    for event, instant in zip(pump.events, pump.instants, strict=True):
        properties, number = event["eventProperties"], event["sequenceNumber"]
        fields: dict[str, Any]
        match event["eventCode"]:
            case 64:
                requests[properties["bolusId"]] = properties
                continue
            case 20 | 21 as code:
                fields = {
                    "eventType": "Combo Bolus",
                    "insulin": round(properties["insulinDelivered"], 2),
                }
                if code == 20:
                    asked = requests[properties["bolusId"]]
                    fields["carbs"] = asked["carbAmount"]
            case 279:
                rates.pop(0)
                end = rates[0] if rates else pump.instants[-1]
                fields = {
                    "eventType": "Temp Basal",
                    "absolute": properties["commandedRate"] / 1000,
                    "duration": (end - instant).total_seconds() / 60,
                }
            case 11:
                fields = {"eventType": "Basal Suspension"}
            case 12:
                fields = {"eventType": "Basal Resume"}
            case 5:
                fields = {"eventType": "Alarm"}
            case _:
                continue
        document = {"created_at": instant.isoformat(), "pump_event_id": str(number)}
        found.append(read(document | fields))
    return found


def by_this(pump: SimulatedPump) -> list[WrittenDocument]:
    """Return the documents that this integration uploads for it."""
    history = derive(decode_events(map(dict, pump.events)).events, (), ZONE, None)
    identity = PumpIdentity(serial_number=pump.serial_number, model=pump.model)
    return [read(one.body) for one in documents(history, identity, FEATURES)]


def unexplained(seen: Truth, *documents: WrittenDocument) -> list[str]:
    """Return the differences without an explanation."""
    return compare_documents(list(documents), seen)[1].unexplained


def test_what_both_tell_of_a_life_is_explained(pump: SimulatedPump) -> None:
    """Parts, merged rates, the suspension and the alarm are explained differences."""
    documents = [*by_tconnectsync(pump), *by_this(pump)]
    lines, found = compare_documents(documents, truth_of(pump, ZONE))
    assert found.unexplained == []
    assert found.explained.keys() <= known().keys()
    assert {
        "extended-bolus-as-it-flows",
        "equal-rates-in-one",
        "suspension-as-zero-rate",
        "alarm-as-announcement",
    } <= found.explained.keys()
    assert lines[1].startswith("carbs g: 30.00 there, 30.00 here, 30.00 by the pump")


MINUTE = timedelta(minutes=1)
SPOILED: dict[str, tuple[str, Callable[[WrittenDocument], list[WrittenDocument]]]] = {
    "a lost bolus": ("Meal Bolus", lambda one: []),
    "a doubled bolus": ("Meal Bolus", lambda one: [one, one]),
    "more insulin": ("Meal Bolus", lambda one: [replace(one, insulin=3.27)]),
    "other carbs": ("Meal Bolus", lambda one: [replace(one, carbs=31.0)]),
    "another time": ("Meal Bolus", lambda one: [replace(one, at=one.at + MINUTE)]),
    "another kind": ("Meal Bolus", lambda one: [replace(one, type="SMB")]),
    "half a bolus": ("Combo Bolus", lambda one: [replace(one, insulin=0.5)]),
    "a lost dose": ("SMB", lambda one: []),
    "a dose sent at the end": (
        "SMB",
        lambda one: [replace(one, at=one.at + timedelta(hours=1))],
    ),
    "a lost rate": ("Temp Basal", lambda one: []),
    "another rate": ("Temp Basal", lambda one: [replace(one, rate=1.5)]),
    "a shorter rate": ("Temp Basal", lambda one: [replace(one, minutes=3.0)]),
    "a lost alarm": ("Announcement", lambda one: []),
    "a silent alarm": ("Announcement", lambda one: [replace(one, type="Note")]),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_wrong_here_is_not_explained(pump: SimulatedPump, name: str) -> None:
    """An error of this integration would be an unexplained difference."""
    type_, spoil = SPOILED[name]
    here = by_this(pump)
    place = next(place for place, one in enumerate(here) if one.type == type_)
    here[place : place + 1] = spoil(here[place])
    assert unexplained(truth_of(pump, ZONE), *by_tconnectsync(pump), *here)


def test_what_only_tconnectsync_tells_is_not_explained(pump: SimulatedPump) -> None:
    """A document that only tconnectsync uploads is an unexplained difference."""
    there, here = by_tconnectsync(pump), by_this(pump)
    for type_ in ("Combo Bolus", "Temp Basal", "Alarm", "Basal Suspension"):
        [one, *_] = [one for one in there if one.type == type_]
        left = [other for other in here if set(one.numbers).isdisjoint(other.numbers)]
        assert unexplained(truth_of(pump, ZONE), *there, *left)


def test_the_page_of_differences_is_up_to_date() -> None:
    """The page is generated from the list of differences."""
    assert PAGE.read_text(encoding="utf-8") == page()
