"""The last record of a kind, where a later one can be ruled out."""

from custom_components.tconnectsync.tandem.event_types import AFTER_ALL, EventKey

from .history import History, newest_record
from .missing_events import CODE_OF_FILL, may_be_missing
from .records import BasalSegment, Fill, FillKind, Record, Suspension


def if_certainly_newest[R: Record](
    history: History, record: R | None, *codes: int
) -> R | None:
    """Return a record; None also where a later one, from events with these codes, may be missing.

    It is None with a wrong clock, too: if it is ahead, the newest records are dated in the future.
    """
    if record is None or history.clock_doubtful:
        return None
    return None if may_be_missing(history.missing, record.key, *codes) else record


def delivery_may_have_changed(
    history: History,
    segment: BasalSegment | Suspension,
    until: EventKey = AFTER_ALL,
) -> bool:
    """Return whether an event that changed delivery may be missing or unreadable after the last one seen of `segment`.

    Only events up to the key `until` count.
    """
    unknown = [events.key for events in history.missing if events.code is None]
    unknown += (event.key for event in history.unreadable if event.basal)
    last = max((key for key in unknown if segment.key < key <= until), default=None)
    if last is None:
        return False
    group, _ = segment.key
    return not any(last < (group, number) <= until for number in segment.numbers)


def last_fill(history: History, kind: FillKind) -> Fill | None:
    """Return the last logged fill of a kind."""
    return newest_record(history.fills, lambda fill: fill.kind is kind)


def last_site(history: History) -> Fill | None:
    """Return the last logged site change."""
    return newest_record(history.fills, lambda fill: fill.is_site_change)


def known_fill(history: History, kind: FillKind) -> Fill | None:
    """Return the last fill of a kind; None also where a later one may be missing."""
    return if_certainly_newest(history, last_fill(history, kind), CODE_OF_FILL[kind])


def known_site(history: History) -> Fill | None:
    """Return the last site change; None also where a later one may be missing."""
    codes = (CODE_OF_FILL[kind] for kind in (FillKind.CANNULA, FillKind.CARTRIDGE))
    return if_certainly_newest(history, last_site(history), *codes)
