"""Readings as columns: the same in a tenth of the letters."""

from collections.abc import Sequence
from datetime import datetime

from custom_components.tconnectsync.queries.history_json import Json


def in_columns(readings: Sequence[Json]) -> Json:
    """Return readings, in order of time, as one list for each of what a picture needs.

    `seconds` are those since the reading before, the first since `start`; `state` and `trend` are
    places in `states` and `trends`.
    """
    times = [datetime.fromisoformat(one["time"]) for one in readings]
    states = list(dict.fromkeys(one["state"] for one in readings))
    trends = list(dict.fromkeys(one["trend"] for one in readings))
    return {
        "start": readings[0]["time"] if readings else None,
        "seconds": [
            _whole((at - before).total_seconds())
            for before, at in zip([*times[:1], *times], times, strict=False)
        ],
        "glucose_mg_dl": [one["glucose_mg_dl"] for one in readings],
        "states": states,
        "state": [states.index(one["state"]) for one in readings],
        "trends": trends,
        "trend": [trends.index(one["trend"]) for one in readings],
    }


def _whole(seconds: float) -> float | int:
    return int(seconds) if seconds.is_integer() else seconds
