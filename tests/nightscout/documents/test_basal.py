"""Basal and suspensions as lines that Nightscout can draw."""

from datetime import timedelta

import pytest

from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.events import BasalSource, SuspendReason
from tests.nightscout.records import DAY, PUMP, history, segment, suspension

from . import only, told


def test_a_rate() -> None:
    """A temporary basal in U/h over minutes."""
    assert only(basal=[segment("08:00:00", "08:09:06", 0.823, 100)]) == {
        "identifier": "tconnectsync:12345678:basal:0-100",
        "pump_event_id": "100",
        "eventType": "Temp Basal",
        "created_at": "2025-11-20T08:00:00.101+01:00",
        "enteredBy": "loop://tconnectsync",
        "absolute": 0.823,
        "rate": 0.823,
        "duration": 9.1,
        "reason": "Adjusted automatically",
    }


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (BasalSource.PROFILE, "Profile rate"),
        (BasalSource.TEMP_RATE, "Temp rate"),
        (BasalSource.TEMP_RATE_AND_ALGORITHM, "Temp rate, adjusted automatically"),
        (BasalSource.SUSPENDED, "Suspended"),
    ],
)
def test_who_set_it(source: BasalSource, words: str) -> None:
    """In words."""
    assert (
        only(basal=[segment("08:00:00", "09:00:00", 1, 1, source=source)])["reason"]
        == words
    )


def test_a_suspension_is_a_rate_of_nothing() -> None:
    """A line at 0 until delivery goes on, not a grey dot."""
    assert only(suspensions=[suspension("09:00:00", "09:30:00", 200)]) == {
        "identifier": "tconnectsync:12345678:suspension:0-200",
        "pump_event_id": "200",
        "eventType": "Temp Basal",
        "created_at": "2025-11-20T09:00:00.201+01:00",
        "enteredBy": "loop://tconnectsync",
        "absolute": 0,
        "rate": 0,
        "duration": 30,
        "reason": "Suspended: by hand",
    }


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (SuspendReason.USER, "Suspended: by hand"),
        (SuspendReason.ALARM, "Suspended: alarm"),
        (SuspendReason.MALFUNCTION, "Suspended: malfunction"),
        (SuspendReason.LOW_GLUCOSE, "Suspended: low glucose ahead"),
        (None, "Suspended"),
    ],
)
def test_why_it_was_suspended(reason: SuspendReason | None, words: str) -> None:
    """In words."""
    told = suspension("09:00:00", "09:30:00", 200, reason=reason)
    assert only(suspensions=[told])["reason"] == words


def test_without_basal_a_suspension_is_a_note() -> None:
    """Somebody who does not want basal still wants to know."""
    told = only(
        Feature.PUMP_EVENTS, suspensions=[suspension("09:00:00", "09:30:00", 200)]
    )
    assert told["identifier"] == "tconnectsync:12345678:suspension:0-200"
    assert told["eventType"] == "Note"
    assert told["notes"] == "Suspended: by hand"
    assert told["duration"] == 30
    assert "absolute" not in told


def test_a_suspension_before_basal_began_is_a_note() -> None:
    """The form follows from the start of the feature, whenever it is asked."""
    records = history(suspensions=[suspension("09:00:00", "09:30:00", 200)])
    features = (Feature.BASAL, Feature.PUMP_EVENTS)
    tomorrow = {Feature.BASAL: DAY + timedelta(days=1)}
    assert [one.event_type for one in documents(records, PUMP, features, tomorrow)] == [
        "Note"
    ]
    assert [
        one.event_type
        for one in documents(records, PUMP, features, {Feature.BASAL: DAY})
    ] == ["Temp Basal"]
    both = dict.fromkeys(features, DAY + timedelta(days=1))
    assert documents(records, PUMP, features, both) == []


def test_nothing_of_it_without_either_feature() -> None:
    """Boluses alone."""
    assert (
        told(Feature.BOLUS, suspensions=[suspension("09:00:00", "09:30:00", 200)]) == []
    )
