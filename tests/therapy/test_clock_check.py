"""A clock is called wrong only when little else explains what the log says."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.tconnectsync.therapy.clock_check import ClockCheck
from custom_components.tconnectsync.therapy.log_end import LogEnd

MINUTE = timedelta(minutes=1)
FIRST = datetime(2026, 5, 14, 12, tzinfo=UTC)


def uploads(
    lags: Sequence[float], *, dense: bool = True, every: float = 65
) -> list[tuple[datetime, LogEnd]]:
    """Uploads at intervals, each so many minutes after the end of the log it brings."""
    return [
        (
            upload := FIRST + number * every * MINUTE,
            LogEnd(
                instant=upload - lag * MINUTE,
                pump_time=(upload - lag * MINUTE).replace(tzinfo=None),
                dense=dense,
            ),
        )
        for number, lag in enumerate(lags)
    ]


def judged(told: Iterable[tuple[datetime, LogEnd]]) -> list[timedelta | None]:
    """What is said after each upload."""
    check = ClockCheck()
    return [check.off_by(upload, end) for upload, end in told]


class TestAhead:
    """A log that goes on after the upload that brought it."""

    def test_one_upload_proves_it(self) -> None:
        """Nothing can be uploaded before it is logged."""
        assert judged(uploads([-60])) == [60 * MINUTE]

    def test_minutes_prove_nothing(self) -> None:
        """An upload takes its time, and a clock is set by hand."""
        assert judged(uploads([-20])) == [None]
        assert judged(uploads([-21])) == [21 * MINUTE]

    def test_it_holds_for_a_pump_that_logs_seldom(self) -> None:
        """How much is logged does not matter."""
        assert judged(uploads([-60], dense=False)) == [60 * MINUTE]

    def test_it_is_over_with_the_next_upload(self) -> None:
        """A clock that was set right is not told of any more."""
        assert judged(uploads([-60, 3, 3])) == [60 * MINUTE, None, None]


class TestBehind:
    """A log that ends long before the upload that brought it."""

    @pytest.mark.parametrize("minutes", [30, 45, 60, 180, 345, 14 * 60])
    def test_the_same_quarter_hours_at_every_upload(self, minutes: int) -> None:
        """Four uploads in a row that are all as late show another zone."""
        told = judged(uploads([minutes + 3, minutes, minutes + 10, minutes + 5]))
        assert told == [None, None, None, -minutes * MINUTE]

    @pytest.mark.parametrize(
        "lags",
        [
            pytest.param([3, 3, 3, 3, 3], id="the phone is near"),
            pytest.param([15, 15, 15, 15, 15], id="the phone is slow"),
            pytest.param([61, 61, 61, 3, 61, 61, 61], id="late but for once"),
            pytest.param([240, 180, 120, 60, 5], id="what was missed is caught up"),
            pytest.param([72, 72, 72, 72, 72], id="no whole quarter hours"),
            pytest.param([61, 46, 61, 46, 61], id="now this, now that"),
        ],
    )
    def test_other_delays_prove_nothing(self, lags: list[float]) -> None:
        """A phone that is away from the pump is late as well."""
        assert judged(uploads(lags)) == [None] * len(lags)

    def test_a_pump_that_logs_seldom_is_not_judged(self) -> None:
        """Without a sensor nothing may have happened since."""
        told = judged(uploads([60, 60, 60, 60, 60], dense=False))
        assert told == [None] * 5

    def test_uploads_without_new_events_do_not_count(self) -> None:
        """Only a log that goes on says that the phone is near the pump."""
        first = uploads([60])
        upload, end = first[0]
        again = [(upload + number * 65 * MINUTE, end) for number in range(1, 6)]
        assert judged([*first, *again]) == [None] * 6

    def test_looking_again_does_not_count(self) -> None:
        """The same upload is one upload, however often it is looked at."""
        assert judged(uploads([60]) * 9) == [None] * 9

    def test_it_stays_until_an_upload_says_otherwise(self) -> None:
        """Looking again changes nothing, the next upload does."""
        told = uploads([60, 60, 60, 60, 3])
        said = judged([*told[:4], told[3], told[4]])
        assert said == [None, None, None, -60 * MINUTE, -60 * MINUTE, None]


@given(
    lags=st.lists(st.floats(min_value=-20, max_value=29), max_size=12),
    dense=st.booleans(),
)
def test_a_clock_that_is_right_and_a_phone_that_is_near(
    lags: list[float], dense: bool
) -> None:
    """Uploads within half an hour never make a clock wrong."""
    assert judged(uploads(lags, dense=dense)) == [None] * len(lags)


@given(
    quarters=st.integers(min_value=-56, max_value=56).filter(lambda n: abs(n) >= 2),
    delays=st.lists(st.floats(min_value=0, max_value=9), min_size=4, max_size=8),
)
def test_a_wrong_zone_is_found(quarters: int, delays: list[float]) -> None:
    """Any zone half an hour off is found within four uploads."""
    off = quarters * 15 * MINUTE
    said = judged(uploads([delay - quarters * 15 for delay in delays]))[-1]
    assert said is not None
    assert off - 10 * MINUTE < said <= off if quarters > 0 else said == off
