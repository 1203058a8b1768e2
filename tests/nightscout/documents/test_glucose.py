"""CGM readings as entries."""

import pytest

from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.records import GlucoseState, Trend
from tests.nightscout.records import reading

from . import documents_of, only


def test_a_reading() -> None:
    """A reading is in mg/dL, with its direction."""
    assert only(readings=[reading("08:00:00", 7, 123, trend=Trend.SINGLE_UP)]) == {
        "identifier": "tconnectsync:12345678:glucose:0-7",
        "pump_event_id": "7",
        "type": "sgv",
        "sgv": 123,
        "date": 1763622000008,
        "dateString": "2025-11-20T08:00:00.008+01:00",
        "direction": "SingleUp",
    }


@pytest.mark.parametrize(
    ("trend", "direction"),
    [
        (Trend.DOUBLE_DOWN, "DoubleDown"),
        (Trend.FORTY_FIVE_DOWN, "FortyFiveDown"),
        (Trend.FLAT, "Flat"),
        (Trend.FORTY_FIVE_UP, "FortyFiveUp"),
        (None, "NONE"),
    ],
)
def test_directions(trend: Trend | None, direction: str) -> None:
    """Directions have Nightscout's names."""
    assert only(readings=[reading("08:00:00", 7, 123, trend=trend)])["direction"] == (
        direction
    )


def test_out_of_range_and_no_reading() -> None:
    """39 and 401 mean low and high; readings that must not be shown are not sent."""
    readings = [
        reading("08:00:00", 7, 39, state=GlucoseState.LOW),
        reading("08:05:00", 8, None, state=GlucoseState.NO_READING),
        reading("08:10:00", 9, 401, state=GlucoseState.HIGH),
    ]
    assert [one.body["sgv"] for one in documents_of(readings=readings)] == [39, 401]


def test_only_where_it_is_asked_for() -> None:
    """A second source of readings would double every dot."""
    assert documents_of(Feature.BASAL, readings=[reading("08:00:00", 7, 100)]) == []
