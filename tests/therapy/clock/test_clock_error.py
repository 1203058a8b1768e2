"""A clock counts as wrong only if the log has hardly any other explanation."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.clock.clock_error import (
    may_have_stood_still,
    off_by,
)

MINUTE = timedelta(minutes=1)


def judged(
    lags: Sequence[float], *, dense: bool = True, since_off: int = 0
) -> list[timedelta | None]:
    """Return the clock error after each of these uploads, each this many minutes after the end of its log.

    The pump was off before the last few of them.
    """
    ends = [lag * MINUTE for lag in lags]
    off = len(lags) - since_off
    return [
        off_by(ends[:seen], ends[off:seen] if since_off else [], dense=dense)
        for seen in range(1, len(ends) + 1)
    ]


def test_nothing_is_known_before_the_first_upload() -> None:
    """The clock is neither right nor wrong."""
    assert off_by([], [], dense=True) is None


class TestAhead:
    """A log that continues past the upload that brought it."""

    def test_one_upload_proves_it(self) -> None:
        """An event cannot be uploaded before it is logged."""
        assert judged([-60]) == [60 * MINUTE]

    def test_minutes_prove_nothing(self) -> None:
        """An upload takes time, and a clock is set by hand."""
        assert judged([-20]) == [None]
        assert judged([-21]) == [21 * MINUTE]

    def test_it_holds_for_a_pump_that_logs_seldom(self) -> None:
        """The number of logged events does not matter."""
        assert judged([-60], dense=False) == [60 * MINUTE]

    def test_it_is_over_with_the_next_upload(self) -> None:
        """A clock that was set right no longer counts as wrong."""
        assert judged([-60, 3, 3]) == [60 * MINUTE, None, None]


class TestBehind:
    """A log that ends long before the upload that brought it."""

    @pytest.mark.parametrize("minutes", [30, 45, 60, 180, 345, 11 * 60])
    def test_the_same_quarter_hours_at_every_upload(self, minutes: int) -> None:
        """Four uploads in a row with the same delay show another time zone."""
        offsets = judged([minutes + 3, minutes, minutes + 10, minutes + 5])
        assert offsets == [None, None, None, -minutes * MINUTE]

    @pytest.mark.parametrize("hours", [12, 24, 31 * 24])
    def test_half_a_day_and_more(self, hours: int) -> None:
        """Two uploads are enough: after half a day a phone uploads the missing events."""
        offsets = judged([hours * 60 + 3, hours * 60 + 5])
        assert offsets == [None, -hours * 60 * MINUTE]

    @pytest.mark.parametrize(
        "lags",
        [
            pytest.param([3, 3, 3, 3, 3], id="the phone is near"),
            pytest.param([15, 15, 15, 15, 15], id="the phone is slow"),
            pytest.param([61, 61, 61, 3, 61, 61, 61], id="late but for once"),
            pytest.param([240, 180, 120, 60, 5], id="what was missed is caught up"),
            pytest.param([72, 72, 72, 72, 72], id="no whole quarter hours"),
            pytest.param([61, 46, 61, 46, 61], id="now this, now that"),
            pytest.param([3, 3, 1441], id="a day late, but for the first time"),
        ],
    )
    def test_other_delays_prove_nothing(self, lags: list[float]) -> None:
        """A phone that is away from the pump uploads late as well."""
        assert judged(lags) == [None] * len(lags)

    def test_a_pump_that_logs_seldom_is_not_judged(self) -> None:
        """Without a CGM sensor there may have been no event since."""
        assert judged([60] * 5, dense=False) == [None] * 5

    def test_it_stays_until_an_upload_says_otherwise(self) -> None:
        """The next upload without a delay shows that the clock is right."""
        assert judged([60, 60, 60, 60, 60, 3])[-3:] == [
            -60 * MINUTE,
            -60 * MINUTE,
            None,
        ]


class TestStoodStill:
    """A pump that was off, and whose clock was not set since."""

    def test_two_uploads_that_are_as_late(self) -> None:
        """Any delay counts, because a clock can stand still for any time."""
        assert judged([2, 3, 97, 95], since_off=2) == [None, None, None, -95 * MINUTE]

    @pytest.mark.parametrize(
        "lags",
        [
            pytest.param([3, 97, 95], id="the first upload was in time"),
            pytest.param([97, 55], id="each as late as it is"),
            pytest.param([25, 25], id="not late"),
        ],
    )
    def test_other_delays_prove_nothing(self, lags: list[float]) -> None:
        """Restarting a pump does not stop its clock for long."""
        assert judged(lags, since_off=len(lags)) == [None] * len(lags)

    def test_one_upload_raises_doubts(self) -> None:
        """The clock does not count as wrong yet, and its newest times are not shown as current."""
        assert may_have_stood_still([97 * MINUTE])
        assert not may_have_stood_still([97 * MINUTE, 5 * MINUTE])
        assert not may_have_stood_still([])


@given(
    lags=st.lists(st.floats(min_value=-20, max_value=29), max_size=12),
    dense=st.booleans(),
    since_off=st.integers(0, 12),
)
def test_a_clock_that_is_right_and_a_phone_that_is_near(
    lags: list[float], dense: bool, since_off: int
) -> None:
    """With uploads within half an hour a clock never counts as wrong."""
    off = min(since_off, len(lags))
    assert judged(lags, dense=dense, since_off=off) == [None] * len(lags)


@given(
    quarters=st.integers(min_value=-56, max_value=56).filter(lambda n: abs(n) >= 2),
    delays=st.lists(st.floats(min_value=0, max_value=9), min_size=4, max_size=8),
)
def test_a_wrong_zone_is_found(quarters: int, delays: list[float]) -> None:
    """Any zone that differs by half an hour or more is found within four uploads."""
    off = quarters * 15 * MINUTE
    said = judged([delay - quarters * 15 for delay in delays])[-1]
    assert said is not None
    assert off - 10 * MINUTE < said <= off if quarters > 0 else said == off
