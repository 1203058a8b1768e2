"""Uploads, and where the pump's log ended at each: true time beside what the clock showed."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise

from custom_components.tconnectsync.tandem.event_types import (
    DateChanged,
    EventKey,
    PumpEvent,
    TimeChanged,
)
from custom_components.tconnectsync.therapy.log_parts import MOST_NUMBERS_MISSING

SILENCE = timedelta(minutes=30)
"""In a shorter time only a few events can be missing; the next upload brings them too."""
AGREEING = 3
"""So many of the last events are looked at; one absurd time says nothing."""
NEWEST_KEPT = 8
DAYS_KEPT = 40
"""A little more than the days of which events are kept."""
HOURLY = timedelta(days=2)
"""So long what a clock dates ahead stays with the hour of the upload that brought it."""
MOST_KEPT = 4 * DAYS_KEPT + 2 * (HOURLY // timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that brought something new, and the end of the log it brought."""

    at: datetime
    """UTC, by Tandem's clock."""
    key: EventKey
    """Place of the newest event."""
    pump_time: datetime
    """What the pump's clock showed then: the earliest of the last few events, as one alone may be absurd."""


def upload_of(
    newest_first: Iterable[PumpEvent],
    moved: EventKey | None,
    at: datetime,
    greatest: datetime | None = None,
) -> Upload | None:
    """Return an upload with the end of its log, None where that is not known.

    The events come from the end of the log on. What shows more than the greatest date that the
    upload is said to have came with a later one. Only what was logged since the clock was last
    moved is looked at.
    """
    shown = (
        (event.key, event.pump_time)
        for event in newest_first
        if not isinstance(event, TimeChanged | DateChanged)
        and (greatest is None or event.pump_time <= greatest)
    )
    last = [*islice(shown, AGREEING)]
    since = [one for one in last if moved is None or one[0] > moved] or last[:1]
    if not since:
        return None
    return Upload(at, since[0][0], min(shown for _, shown in since))


def has_hole(newest_first: Iterable[PumpEvent], since: EventKey) -> bool:
    """Return whether a part of the log is missing behind a place in it.

    The events come from the end of the log on. That is a silence during which the numbers went on.
    """
    for later, event in pairwise(newest_first):
        if later.key <= since:
            break
        if (
            later.group == event.group
            and later.number - event.number > MOST_NUMBERS_MISSING
            and later.pump_time - event.pump_time > SILENCE
        ):
            return True
    return False


def with_upload(
    known: Sequence[Upload], new: Upload, moves: Sequence[EventKey] = ()
) -> list[Upload]:
    """Return the uploads to keep, oldest first: the last few, and the first and last of each day and setting of the clock, lately of each hour.

    The moves are the sorted places in the log at which the clock was set. Between the first
    and the last of a day the pump may have been off, after which its clock tells another
    time. An upload that brought nothing new tells nothing of the clock: only that the phone
    was away.
    """
    if any(one.key >= new.key or one.at >= new.at for one in known):
        return list(known)
    older, newest = known[: 1 - NEWEST_KEPT], known[1 - NEWEST_KEPT :]
    parts = [
        (
            one.at.date(),
            one.at.hour if new.at - one.at < HOURLY else None,
            bisect_right(moves, one.key),
        )
        for one in older
    ]
    around = zip([None, *parts], parts, [*parts[1:], None], strict=False)
    kept = [
        one
        for one, (before, part, after) in zip(older, around, strict=True)
        if part != before or part != after
    ]
    kept = [one for one in kept if (new.at - one.at).days < DAYS_KEPT]
    return [*kept[-MOST_KEPT:], *newest, new]
