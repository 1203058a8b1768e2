"""Waits that stay correct if the machine's clock is corrected."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.tconnectsync.instants import FAR_PAST, is_over

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("ahead", "over"),
    [
        (MINUTE, False),
        (HOUR, False),
        (timedelta(), True),
        (-MINUTE, True),
        (HOUR + MINUTE, True),
        (timedelta(days=400), True),
    ],
)
def test_no_wait_is_longer_than_it_can_be(ahead: timedelta, over: bool) -> None:
    """A wait longer than the maximum was started by a clock that was ahead, and is over."""
    assert is_over(NOON + ahead, NOON, HOUR) is over


def test_who_never_waited_need_not() -> None:
    """The first attempt does not wait."""
    assert is_over(FAR_PAST, NOON, HOUR)
