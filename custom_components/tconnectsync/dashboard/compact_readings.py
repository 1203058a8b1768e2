"""Glucose readings in columns, a tenth of the size of a list of objects."""

from collections.abc import Sequence
from datetime import datetime

from custom_components.tconnectsync.queries.record_json import Json


def in_columns(readings: Sequence[Json]) -> Json:
    """Return readings, given in order of time, as one list for each field that the chart needs.

    `seconds` are those since the previous reading, for the first one since `start`; `state` and
    `trend` are indexes into `states` and `trends`.
    """
    times = [datetime.fromisoformat(reading["time"]) for reading in readings]
    states = list(dict.fromkeys(reading["state"] for reading in readings))
    trends = list(dict.fromkeys(reading["trend"] for reading in readings))
    return {
        "start": readings[0]["time"] if readings else None,
        "seconds": [
            _without_fraction((at - before).total_seconds())
            for before, at in zip([*times[:1], *times], times, strict=False)
        ],
        "glucose_mg_dl": [reading["glucose_mg_dl"] for reading in readings],
        "states": states,
        "state": [states.index(reading["state"]) for reading in readings],
        "trends": trends,
        "trend": [trends.index(reading["trend"]) for reading in readings],
    }


def _without_fraction(seconds: float) -> float | int:
    """Return full seconds as an integer, which is shorter in JSON."""
    return int(seconds) if seconds.is_integer() else seconds
