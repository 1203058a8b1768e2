"""Uploads and the end of the pump's log at each: true time next to the time its clock showed."""

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
from custom_components.tconnectsync.therapy.log_parts import numbers_skipped

SILENCE = timedelta(minutes=30)
"""In a shorter silence only a few events can be missing, and the next upload contains them."""
AGREEING = 3
"""Number of the last events whose times are compared, as a single one may be absurd."""
NEWEST_KEPT = 8
DAYS_KEPT = 40
"""A little more than the days for which events are stored."""
HOURLY = timedelta(days=2)
"""For this long one upload per hour is stored, so that future-dated events keep the hour of the upload that contained them."""
MOST_KEPT = 4 * DAYS_KEPT + 2 * (HOURLY // timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that contained new events, and the end of the log in it."""

    at: datetime
    """UTC, by Tandem's clock."""
    key: EventKey
    """Key of the newest event."""
    pump_time: datetime
    """Pump time then: the earliest of the last few events, as a single one may be absurd."""


def upload_of(
    newest_first: Iterable[PumpEvent],
    moved: EventKey | None,
    at: datetime,
    greatest: datetime | None = None,
) -> Upload | None:
    """Return an upload (at a UTC instant) with the end of its log, None where that is unknown.

    Events later than `greatest`, the newest pump time that Tandem reports for the upload, belong to
    a later upload. Only events since the clock was last moved (at the key `moved`) count, where
    there are any.
    """
    shown = (
        (event.key, event.pump_time)
        for event in newest_first
        if not isinstance(event, TimeChanged | DateChanged)
        and (greatest is None or event.pump_time <= greatest)
    )
    last = [*islice(shown, AGREEING)]
    since = [end for end in last if moved is None or end[0] > moved] or last[:1]
    if not since:
        return None
    return Upload(at, since[0][0], min(shown for _, shown in since))


def has_hole(newest_first: Iterable[PumpEvent], since: EventKey) -> bool:
    """Return whether a part of the log is missing after a place in it.

    Sequence numbers are skipped there in one group, and the pump's clock went on for more than SILENCE.
    """
    for later, event in pairwise(newest_first):
        if later.key <= since:
            break
        if (
            later.group == event.group
            and numbers_skipped(event.key, later.key)
            and later.pump_time - event.pump_time > SILENCE
        ):
            return True
    return False


def with_upload(
    known: Sequence[Upload], new: Upload, moves: Sequence[EventKey] = ()
) -> list[Upload]:
    """Return the uploads to store, oldest first.

    These are the last few, and the first and last of each day (of the last two days: each hour) and
    each setting of the clock. `moves` are the sorted keys at which the clock was set. The pump may
    have been off between the first and the last upload of a day, after which its clock shows another
    time. An upload without new events says nothing about the clock: the phone was away.
    """
    if any(upload.key >= new.key or upload.at >= new.at for upload in known):
        return list(known)
    older, newest = known[: 1 - NEWEST_KEPT], known[1 - NEWEST_KEPT :]
    periods = [
        (
            upload.at.date(),
            upload.at.hour if new.at - upload.at < HOURLY else None,
            bisect_right(moves, upload.key),
        )
        for upload in older
    ]
    around = zip([None, *periods], periods, [*periods[1:], None], strict=False)
    outermost = [
        upload
        for upload, (before, period, after) in zip(older, around, strict=True)
        if (period != before or period != after)
        and (new.at - upload.at).days < DAYS_KEPT
    ]
    return [*outermost[-MOST_KEPT:], *newest, new]
