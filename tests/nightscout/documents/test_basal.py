"""Basal and suspensions as documents that Nightscout can draw."""

from datetime import timedelta

import pytest

from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.enums import BasalSource
from custom_components.tconnectsync.therapy.records import StopReason
from tests.nightscout.records import DAY, PUMP, gap, history, segment, suspension

from . import documents_of, only


def test_a_rate() -> None:
    """A rate becomes a temporary basal in U/h over minutes."""
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
    """The reason is in words."""
    assert (
        only(basal=[segment("08:00:00", "09:00:00", 1, 1, source=source)])["reason"]
        == words
    )


def test_a_suspension_is_a_rate_of_nothing() -> None:
    """A suspension is drawn as a line at 0 until delivery resumes, not as a grey dot."""
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
        (StopReason.USER, "Suspended: by hand"),
        (StopReason.ALARM, "Suspended: alarm"),
        (StopReason.MALFUNCTION, "Suspended: malfunction"),
        (StopReason.LOW_GLUCOSE, "Suspended: low glucose ahead"),
        (StopReason.SHUT_DOWN, "Pump off: shut down"),
        (StopReason.SHELF_MODE, "Pump off: shelf mode"),
        (StopReason.RESTARTED, "Suspended: pump restarted"),
        (None, "Suspended"),
    ],
)
def test_why_it_was_suspended(reason: StopReason | None, words: str) -> None:
    """The reason is in words."""
    suspended = suspension("09:00:00", "09:30:00", 200, reason=reason)
    assert only(suspensions=[suspended])["reason"] == words


def test_without_basal_a_suspension_is_a_note() -> None:
    """A site without basal still gets the suspension, as a note."""
    note = only(
        Feature.PUMP_EVENTS, suspensions=[suspension("09:00:00", "09:30:00", 200)]
    )
    assert note["identifier"] == "tconnectsync:12345678:suspension:0-200"
    assert note["eventType"] == "Note"
    assert note["notes"] == "Suspended: by hand"
    assert note["duration"] == 30
    assert "absolute" not in note


def test_a_suspension_before_basal_began_is_a_note() -> None:
    """The form depends on the start of the feature, not on the time of sending."""
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
    """With boluses only, neither basal nor suspensions are sent."""
    assert (
        documents_of(
            Feature.BOLUS, suspensions=[suspension("09:00:00", "09:30:00", 200)]
        )
        == []
    )


def test_a_gap_is_drawn_as_nothing_and_said_in_a_note() -> None:
    """Without a document Nightscout would draw and count the profile's rate."""
    drawn = {
        "pump_event_id": "200",
        "created_at": "2025-11-20T09:00:00.201+01:00",
        "enteredBy": "loop://tconnectsync",
        "duration": 30,
    }
    words = "Basal not known: the pump told no rate"
    gaps = [gap("09:00:00", "09:30:00", 200)]
    assert only(Feature.BASAL, basal_gaps=gaps) == {
        **drawn,
        "identifier": "tconnectsync:12345678:basal_gap:0-200",
        "eventType": "Temp Basal",
        "absolute": 0,
        "rate": 0,
        "reason": words,
    }
    assert only(Feature.PUMP_EVENTS, basal_gaps=gaps) == {
        **drawn,
        "identifier": "tconnectsync:12345678:basal_gap_note:0-200",
        "eventType": "Note",
        "notes": words,
    }
    assert documents_of(Feature.BOLUS, basal_gaps=gaps) == []


def test_the_rate_of_doses_is_rounded() -> None:
    """The rounding does not change a day's insulin noticeably."""
    document = only(basal=[segment("08:00:00", "08:05:00", 1.1851851, 100)])
    assert document["absolute"] == document["rate"] == 1.1852
