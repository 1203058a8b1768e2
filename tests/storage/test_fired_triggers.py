"""Fired triggers are restored from disk, and expire."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.storage.fired_triggers import (
    FORGET_AFTER,
    FiredTrigger,
    FiredTriggers,
)

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def text(instant: datetime) -> str:
    """Return an instant as it is written in a file."""
    return instant.isoformat()


def test_it_comes_back_as_it_was() -> None:
    """Every trigger is restored with all of its marks."""
    kept = {
        "site_due:1": {"judged": text(NOW), "fired": {"a": text(NOW - DAY)}},
        "alarm_raised:2": {"judged": text(NOW), "fired": {}},
    }
    state = FiredTriggers.from_json(kept)
    assert state.triggers["site_due:1"] == FiredTrigger(NOW, {"a": NOW - DAY})
    assert (
        FiredTriggers.from_json(
            {
                key: {
                    "judged": text(watch["judged"]),
                    "fired": {one: text(at) for one, at in watch["fired"].items()},
                }
                for key, watch in state.to_json().items()
            }
        )
        == state
    )


@pytest.mark.parametrize(
    "kept",
    [
        [],
        {"a": {}},
        {"a": {"judged": "today", "fired": {}}},
        {"a": {"judged": text(NOW), "fired": {"b": 1}}},
    ],
)
def test_what_is_none_is_refused(kept: Any) -> None:
    """A damaged state is refused, and the account starts without it."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        FiredTriggers.from_json(kept)


def test_old_marks_and_watches_are_forgotten() -> None:
    """A mark stays longer than the records that it could concern."""
    old = NOW - FORGET_AFTER - DAY
    state = FiredTriggers(
        {
            "nobody": FiredTrigger(old, {"a": NOW}),
            "somebody": FiredTrigger(
                NOW, {"old": old, "new": NOW - FORGET_AFTER + DAY}
            ),
        }
    )
    state.forget_old(NOW)
    assert set(state.triggers) == {"somebody"}
    assert set(state.triggers["somebody"].occurrences) == {"new"}
