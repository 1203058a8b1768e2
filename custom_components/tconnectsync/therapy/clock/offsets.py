"""The offset of the pump's clock from UTC for each part of its log.

The newest upload, whose true time is known, gives the last offset; the moves of the clock give the
earlier ones backwards from there, as in Tidepool's uploader ("Bootstrapping to UTC").
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.event_types import (
    BEFORE_ALL,
    EventKey,
    PumpEvent,
)
from custom_components.tconnectsync.therapy.log_parts import LogParts, in_order

from .anchor import ClockAnchor, offset_before
from .dating import Dating, OffsetSpan
from .moves import ClockChange, ClockMove, clock_moves
from .possible_offsets import DRIFT, is_near, offset_at, plain
from .power_offs import PowerOffs
from .uploads import Upload

MAX_MOVE = timedelta(days=2 * 366)
"""The longest real move; a clock that was further off had been lost, not moved."""
SET_SOON = timedelta(hours=24)
"""A clock that stood still is corrected within this pump time; a later move may be travel."""
MIN_TIME_BETWEEN_MOVES = timedelta(days=1)


class Clock:
    """Converts the pump's wall clock to UTC by the history of its moves."""

    def __init__(
        self,
        zone: ZoneInfo,
        changes: Iterable[ClockChange] = (),
        events: Iterable[PumpEvent] | LogParts = (),
        uploads: Sequence[Upload] = (),
    ) -> None:
        """Take the zone that the pump should show, every known 13 and 14, and evidence about them.

        Events show where the pump was off, uploads the true time.
        """
        self._zone = zone
        self._moves = clock_moves(changes)
        self._uploads = uploads
        self._events = in_order(events)
        self._power_offs = PowerOffs(self._events)
        before: list[EventKey | None] = [None, *(move.key for move in self._moves)]
        self._times_off = {
            move.key: time_off
            for move, previous in zip(self._moves, before, strict=False)
            if move.delta >= DRIFT
            and (time_off := self._power_offs.time_off_before(move, previous))
        }
        self.dating = Dating(zone, tuple(self._walk() if self._moves else ()))
        """The offset of each part of the log."""

    def utc(self, key: EventKey, pump_time: datetime) -> datetime:
        """Return the UTC instant of a wall clock time that was logged at this place of the log."""
        return self.dating.utc(key, pump_time)

    def lags(self, *, since_off: bool = False) -> list[timedelta]:
        """Return the time from the end of the log to each upload, oldest first; negative where the clock was ahead.

        With `since_off`, only those since the pump was last off, and none if the clock was moved since.
        """
        first: EventKey | None = BEFORE_ALL
        if since_off:
            moved = self._moves[-1].key if self._moves else BEFORE_ALL
            first = self._power_offs.last_since(moved)
        return [
            upload.at - self.utc(upload.key, upload.pump_time)
            for upload in self._uploads
            if first is not None and upload.key >= first
        ]

    def _walk(self) -> list[OffsetSpan]:
        """Return the offsets from the first to the newest, computed backwards from the newest through the moves."""
        moves, lost = self._moves, None
        offset = self._anchor(moves, before=self._off_since_upload()).offset_now()
        spans: list[OffsetSpan] = []
        for index in range(len(moves) - 1, -1, -1):
            move, older = moves[index], moves[:index]
            spans.append(OffsetSpan(move.key, offset, lost))
            exact, lost = offset - move.delta, None
            if abs(move.delta) > MAX_MOVE and not _was_lost_by(older, move):
                lost = (move.before + move.delta / 2, exact)
                offset = self._anchor(older, move, exact).offset_before_reset()
            elif stood := self._stood_still(move, older, offset):
                if stood < move.key:
                    spans.append(OffsetSpan(stood, exact))
                home = is_near(offset, offset_at(self._zone, move.after - offset))
                anchor = self._anchor(older, move, exact, before=stood)
                offset = anchor.offset_before_reset(None if home else offset)
            else:
                zones = offset_at(self._zone, move.after - offset)
                offset = offset_before(move, offset, zones)
                offset = self._anchor(older, move, offset).likely_offset()
        spans.append(OffsetSpan(BEFORE_ALL, offset, lost))
        return spans[::-1]

    def _off_since_upload(self) -> EventKey | None:
        """Return where the pump was off after the last move, if an upload between shows how the clock was set.

        Later uploads do not show that, as the clock stood still.
        """
        moved = self._moves[-1].key
        off = self._power_offs.first_since(moved)
        has_upload = off and any(moved < upload.key < off for upload in self._uploads)
        return off if has_upload else None

    def _stood_still(
        self, move: ClockMove, older: Sequence[ClockMove], offset: timedelta
    ) -> EventKey | None:
        """Return the first event after a time off that a move corrected the clock for, else None.

        Without the events before it, only a move from a time that no zone has shows that.
        """
        if move.delta < DRIFT:
            return None
        exact = offset - move.delta
        zones = offset_at(self._zone, move.after - offset)
        time_off = self._times_off.get(move.key)
        anchor = self._anchor(older, move, before=time_off and time_off[0])
        agrees = anchor.agrees(offset_before(move, offset, zones))
        if time_off and agrees is False:
            return time_off[0]
        if agrees or is_near(exact, zones):
            return None
        is_plain = plain(exact, zones) is not None
        if time_off:
            key, shown = time_off
            return key if not is_plain or move.before - shown <= SET_SOON else None
        is_known = self._power_offs.knows_before(move)
        if (
            is_plain
            or is_known
            or not older
            or move.before - older[-1].after < MIN_TIME_BETWEEN_MOVES
        ):
            return None
        zones = offset_at(self._zone, older[-1].after - exact)
        back = offset_before(older[-1], exact, zones)
        return None if is_near(back, zones) else move.key

    def _anchor(
        self,
        moves: Sequence[ClockMove],
        end: ClockMove | None = None,
        likely: timedelta | None = None,
        *,
        before: EventKey | None = None,
    ) -> ClockAnchor:
        """Return the anchor for the log up to a move that ends it, or up to an earlier place."""
        before = before or (end.key if end else None)
        shown = end.before if end else None
        if end is None or abs(end.delta) > MAX_MOVE:
            shown = self._last_shown(end) or (end.after if end else None)
        return ClockAnchor(
            self._zone,
            moves,
            [
                upload
                for upload in self._uploads
                if before is None or upload.key < before
            ],
            shown=shown,
            likely=likely,
            repairs=frozenset(self._times_off),
        )

    def _last_shown(self, end: ClockMove | None) -> datetime | None:
        """Return the newest pump time before a move, without those of a lost clock."""
        for event in self._events.newest_first():
            if end is None or (
                event.key < end.key
                and abs(event.pump_time - end.after) < abs(event.pump_time - end.before)
            ):
                return event.pump_time
        return None


def _was_lost_by(older: Sequence[ClockMove], move: ClockMove) -> bool:
    """Return whether an earlier move lost the clock: setting up a pump may take several attempts."""
    return bool(older) and abs(older[-1].after - move.before) < abs(move.delta) / 2
