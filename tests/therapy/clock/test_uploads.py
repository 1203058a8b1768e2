"""Stored uploads and the end of the log at each."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from custom_components.tconnectsync.instants import ONE_DAY
from custom_components.tconnectsync.therapy.clock.uploads import (
    DAYS_KEPT,
    HOURLY,
    MOST_KEPT,
    Upload,
    has_hole,
    upload_of,
    with_upload,
)
from tests.therapy.pump_days import EPOCH, PumpDay, at, typed


def shown(time: str) -> datetime:
    """Return a time on the pump's clock."""
    return at(time).replace(tzinfo=None)


def hourly(count: int) -> list[Upload]:
    """Return uploads that each brought a new event."""
    kept: list[Upload] = []
    for number in range(count):
        instant = at("00:30:00") + timedelta(hours=number)
        upload = Upload(instant, (0, number), instant.replace(tzinfo=None))
        kept = with_upload(kept, upload)
    return kept


def test_the_end_of_the_log() -> None:
    """The end is the newest event by place in the log; the earliest of its last few times counts, because one may be absurd."""
    log = PumpDay().seen("10:00:00").seen("10:05:00").seen("2030-01-01T00:00:00")
    assert upload_of(reversed(typed(log.raws)), None, at("10:06:00")) == Upload(
        at("10:06:00"), (0, 1002), shown("10:00:00")
    )
    assert upload_of([], None, at("10:06:00")) is None


def test_only_what_came_after_the_last_move_counts() -> None:
    """Events before the move used another clock, and the move itself belongs to neither."""
    log = PumpDay().seen("10:00:00").seen("10:05:00")
    log.time_moved("16:05:30", "10:05:30", "16:05:30").seen("16:10:00")
    upload = upload_of(reversed(typed(log.raws)), (0, 1002), at("10:11:00"))
    assert upload
    assert (upload.key, upload.pump_time) == ((0, 1003), shown("16:10:00"))


def test_what_came_with_a_later_upload_does_not_count() -> None:
    """The later upload was read after the time of this upload was requested."""
    log = PumpDay().seen("10:00:00").seen("11:00:00")
    upload = upload_of(
        reversed(typed(log.raws)), None, at("10:02:00"), shown("10:00:00")
    )
    assert upload
    assert upload.key == (0, 1000)


def test_uploads_that_bring_nothing_new_are_not_kept() -> None:
    """The phone can upload without the pump, which is no evidence of the clock."""
    first = Upload(at("10:06:00"), (0, 1002), shown("10:05:00"))
    again = Upload(at("11:06:00"), (0, 1002), shown("10:05:00"))
    assert with_upload([first], again) == [first]
    assert with_upload([first], first) == [first]


def test_few_are_kept() -> None:
    """The newest uploads are stored, and the first and last of each earlier day."""
    kept = hourly(24 * 60)
    before = [one for one in kept if kept[-1].at - one.at >= HOURLY + ONE_DAY]
    days = Counter(one.at.date() for one in before)
    assert set([*days.values()][1:-1]) == {2}
    assert DAYS_KEPT - 5 <= len(days) <= DAYS_KEPT
    assert len(kept) <= MOST_KEPT
    assert [one.key for one in kept[-3:]] == [(0, 1437), (0, 1438), (0, 1439)]
    assert kept == sorted(kept, key=lambda one: one.at)


def test_each_setting_of_the_clock_is_kept() -> None:
    """The first and last upload of each setting show its clock, however short it was."""
    kept: list[Upload] = []
    moves = [(0, 8), (0, 11)]
    for number in range(96):
        instant = at("00:30:00") + timedelta(hours=number)
        upload = Upload(instant, (0, number), instant.replace(tzinfo=None))
        kept = with_upload(kept, upload, moves)
    numbers = [number for _, number in (one.key for one in kept)]
    assert numbers[:8] == [0, 7, 8, 10, 11, 23, 24, 47]


def test_what_came_with_an_upload_stays_with_it_for_two_days() -> None:
    """Events dated ahead stay at the upload of their hour and do not follow the newest one."""
    kept: list[Upload] = []
    for number in range(48 * 12):
        instant = at("00:00:30") + timedelta(minutes=5 * number)
        upload = Upload(instant, (0, number), instant.replace(tzinfo=None))
        kept = with_upload(kept, upload)
        for place in range(0, number, 7):
            first = next(one for one in kept if one.key >= (0, place))
            brought = at("00:00:30") + timedelta(minutes=5 * place)
            assert first.at - brought < timedelta(hours=1)


def test_an_upload_from_before_a_time_off_is_kept() -> None:
    """On the same day and setting, only that upload shows the clock before it stood still."""
    before = Upload(at("05:51:00"), (0, 1), shown("15:51:00"))
    kept = [before]
    for number in range(2, 24):
        instant = at("10:00:00") + timedelta(minutes=30 * number)
        upload = Upload(instant, (0, number), shown("16:00:00"))
        kept = with_upload(kept, upload)
    assert before in kept


@pytest.mark.parametrize(
    ("minutes", "numbers", "hole"),
    [(31, 4, True), (31, 3, False), (30, 4, False), (300, 1, False)],
)
def test_a_hole_is_a_silence_during_which_the_numbers_went_on(
    minutes: int, numbers: int, hole: bool
) -> None:
    """A pump that logs nothing leaves no hole, and neither do events that never arrive."""
    log = PumpDay().seen("10:00:00").seen("10:05:00")
    log.number += numbers - 1
    later = timedelta(hours=10, minutes=5 + minutes)
    log.seen(f"{EPOCH + later:%H:%M:%S}")
    events = typed(log.raws)
    assert has_hole(reversed(events), (0, 0)) is hole
    assert not has_hole(reversed(events), events[-1].key)
    assert not has_hole([], (0, 0))


def test_what_another_group_of_numbers_lacks_is_no_hole() -> None:
    """A new group of numbers starts again."""
    first = PumpDay(group=1, first=10).seen("10:00:00")
    second = PumpDay(group=2, first=99).seen("12:00:00")
    assert not has_hole(typed([*second.raws, *first.raws]), (0, 0))
