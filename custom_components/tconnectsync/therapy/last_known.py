"""What was last of its kind, where it is known that there is no later one."""

from custom_components.tconnectsync.tandem.event_types import AFTER_ALL, EventKey

from .history import History, newest_record
from .missing_events import CODE_OF_FILL, may_be_missing
from .records import BasalSegment, Fill, FillKind, Record, Suspension


def if_last[R: Record](history: History, record: R | None, *codes: int) -> R | None:
    """Return a record; None also where a later one, of any of these codes, may be missing.

    Nor is it known by a clock that is wrong: one that is ahead leaves the newest ones to the future.
    """
    if record is None or history.clock_doubtful:
        return None
    return None if may_be_missing(history.missing, record.key, *codes) else record


def delivery_may_have_changed(
    history: History, one: BasalSegment | Suspension, until: EventKey = AFTER_ALL
) -> bool:
    """Return whether something is missing, or cannot be read, behind what told last of a rate or the end of a suspension.

    Up to a place in the log.
    """
    lost = [event.key for event in history.missing if event.code is None]
    lost += (event.key for event in history.unreadable if event.basal)
    last = max((key for key in lost if one.key < key <= until), default=None)
    if last is None:
        return False
    group, _ = one.key
    return not any(last < (group, number) <= until for number in one.numbers)


def last_fill(history: History, kind: FillKind) -> Fill | None:
    """Return the last fill of a kind that the log tells of."""
    return newest_record(history.fills, lambda fill: fill.kind is kind)


def last_site(history: History) -> Fill | None:
    """Return the last change of the site that the log tells of."""
    return newest_record(history.fills, lambda fill: fill.is_site_change)


def known_fill(history: History, kind: FillKind) -> Fill | None:
    """Return the last fill of a kind; None also where a later one may be missing."""
    return if_last(history, last_fill(history, kind), CODE_OF_FILL[kind])


def known_site(history: History) -> Fill | None:
    """Return the last change of the site; None also where a later one may be missing."""
    codes = (CODE_OF_FILL[kind] for kind in (FillKind.CANNULA, FillKind.CARTRIDGE))
    return if_last(history, last_site(history), *codes)
