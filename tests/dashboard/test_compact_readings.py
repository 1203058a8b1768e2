"""Readings as columns: without loss, and small even for two weeks."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
import json
from typing import Any

from hypothesis import given, strategies as st

from custom_components.tconnectsync.dashboard.compact_readings import in_columns

BEGIN = datetime(2026, 5, 14, tzinfo=UTC)
STATES = st.sampled_from(["normal", "low", "high", "no_reading"])
TRENDS = st.sampled_from([None, "flat", "single_up", "double_down"])
READINGS = st.lists(
    st.tuples(st.integers(0, 90_000), st.integers(40, 400), STATES, TRENDS)
)


def reading(at: datetime, value: int | None, state: str, trend: str | None) -> Any:
    """Return a reading in the form that is sent one by one."""
    return {
        "time": at.isoformat(),
        "glucose_mg_dl": value,
        "state": state,
        "rate_mg_dl_per_minute": 0.5,
        "trend": trend,
    }


@given(drawn=READINGS)
def test_what_is_sent_can_be_read(
    drawn: list[tuple[int, int, str, str | None]],
) -> None:
    """Each reading keeps its own time, for any gaps between readings."""
    times = list(accumulate((gap for gap, *_ in drawn)))
    readings = [
        reading(BEGIN + timedelta(seconds=at), value, state, trend)
        for at, (_, value, state, trend) in zip(times, drawn, strict=True)
    ]
    columns = json.loads(json.dumps(in_columns(readings)))
    found, at = [], columns["start"] and datetime.fromisoformat(columns["start"])
    for seconds, value, state, trend in zip(
        columns["seconds"],
        columns["glucose_mg_dl"],
        columns["state"],
        columns["trend"],
        strict=True,
    ):
        at += timedelta(seconds=seconds)
        found.append(
            reading(at, value, columns["states"][state], columns["trends"][trend])
        )
    assert found == readings


def test_two_weeks_are_little_to_send() -> None:
    """A reading every five minutes, sometimes a second off, takes few bytes."""
    readings = [
        reading(
            BEGIN + timedelta(minutes=5 * n, seconds=n % 2),
            40 + n % 300,
            "normal",
            "flat",
        )
        for n in range(14 * 288)
    ]
    assert len(json.dumps(in_columns(readings), separators=(",", ":"))) < 60_000
