"""A clock of which no move is told keeps one offset, or leaps where the log shows it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.tconnectsync.therapy.clock.untold_moves import (
    unmoved_offset,
    untold_moves,
)
from custom_components.tconnectsync.therapy.clock.uploads import (
    DAYS_KEPT,
    Upload,
    with_upload,
)
from custom_components.tconnectsync.therapy.history import derive
from custom_components.tconnectsync.therapy.log_parts import LogParts
from tests.therapy.pump_days import PumpDay, typed

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
WINTER, SUMMER = HOUR, 2 * HOUR


def uploaded(at: datetime, offset: timedelta, lag: timedelta) -> Upload:
    """An upload of a log that ended so long before it, by a clock of this offset."""
    shown = (at - lag + offset).replace(tzinfo=None)
    return Upload(at, (0, int(at.timestamp() // 60)), shown)


@settings(max_examples=60)
@given(
    change=st.sampled_from([(SPRING, WINTER), (AUTUMN, SUMMER)]),
    hours=st.integers(1, 24 * 120),
    lags=st.lists(st.integers(1, 300), min_size=8, max_size=8),
)
def test_an_offset_that_nobody_changed_holds_on(
    change: tuple[datetime, timedelta], hours: int, lags: list[int]
) -> None:
    """However long after the change of the zone, as long as the phone is near now and then."""
    instant, offset = change
    uploads: list[Upload] = []
    at = instant - timedelta(days=2)
    number = 0
    while at < instant + hours * HOUR:
        minutes = 5 if number % 4 == 0 else lags[number % 8]
        uploads = with_upload(uploads, uploaded(at, offset, minutes * MINUTE))
        at += 5 * HOUR
        number += 1
    home = uploads[-1].at.astimezone(BERLIN).utcoffset()
    assert unmoved_offset(BERLIN, uploads) == (None if home == offset else offset)


@settings(max_examples=60)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - made aware below
    lags=st.lists(st.integers(-10, 400), min_size=4, max_size=40),
)
def test_a_clock_that_shows_its_zone_is_left_alone(
    start: datetime, lags: list[int]
) -> None:
    """However late uploads are, if one of them is not."""
    at = start.replace(tzinfo=UTC)
    uploads, offsets = [], set()
    for lag in [5, *lags]:
        offset = at.astimezone(BERLIN).utcoffset()
        assert offset
        offsets.add(offset)
        uploads.append(uploaded(at, offset, lag * MINUTE))
        at += HOUR
    assert len(offsets) > 1 or unmoved_offset(BERLIN, uploads) is None


def test_a_few_late_uploads_say_nothing_months_after_a_change() -> None:
    """Four are needed where the log does not hold the change itself."""
    july = datetime(2026, 7, 1, 12, tzinfo=UTC)
    uploads = [uploaded(july + n * HOUR, WINTER, 5 * MINUTE) for n in range(4)]
    assert unmoved_offset(BERLIN, uploads[:3]) is None
    assert unmoved_offset(BERLIN, uploads) == WINTER
    assert unmoved_offset(BERLIN, []) is None
    assert untold_moves(BERLIN, LogParts.of([]), []) == []
    assert unmoved_offset(ZoneInfo("Asia/Kolkata"), uploads) is None


def test_a_move_that_lies_in_a_hole_of_the_log() -> None:
    """Uploads alone tell of it: at once where the clock went on, after four where it went back."""
    for change, before, after in ((SPRING, WINTER, SUMMER), (AUTUMN, SUMMER, WINTER)):
        uploads = [
            uploaded(change + n * HOUR, before if n < 0 else after, 5 * MINUTE)
            for n in range(-12, 4)
        ]
        assert unmoved_offset(BERLIN, uploads) is None


@pytest.mark.parametrize("numbers", [1, 3])
def test_each_hour_that_is_shown_twice_is_dated_by_its_place_in_the_log(
    numbers: int,
) -> None:
    """A clock set back by an hour of which only the log tells."""
    log = PumpDay("2026-10-25")
    truth = []
    at = AUTUMN - 3 * HOUR
    while at < AUTUMN + 3 * HOUR:
        offset = SUMMER if at < AUTUMN else WINTER
        shown = (at + offset).replace(tzinfo=None)
        log.write(shown.isoformat(), 279, commandedRateSource=3, commandedRate=1000)
        log.number += numbers - 1
        truth.append(at)
        at += 5 * MINUTE
    events = typed(log.raws)
    history = derive(events, [], BERLIN, at)
    assert not history.clock_doubtful
    found = {one.key: one.start for one in history.all_logged.basal}
    assert found
    for event, instant in zip(events, truth, strict=True):
        assert abs(found.get(event.key, instant) - instant) <= MINUTE
    readings = derive(events, [], BERLIN, at)
    assert readings.oldest == truth[0]
    assert readings.newest == truth[-1]


def test_uploads_are_kept_as_long_as_a_change_is_looked_for() -> None:
    """What lies before it shows what the clock was then."""
    later = SPRING + timedelta(days=DAYS_KEPT - 3)
    uploads = [
        uploaded(SPRING + n * 24 * HOUR, WINTER, 5 * MINUTE) for n in range(-1, 2)
    ]
    assert unmoved_offset(BERLIN, uploads) == WINTER
    assert unmoved_offset(BERLIN, [uploaded(later, WINTER, 5 * MINUTE)]) == WINTER
