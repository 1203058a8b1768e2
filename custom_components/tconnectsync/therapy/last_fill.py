"""The last change of cartridge, tubing and site, and whether it is known that there is no later one."""

from .history import History
from .missing_events import CODE_OF_FILL, may_be_missing
from .records import FillKind, SiteChange


def last_fill(history: History, kind: FillKind) -> SiteChange | None:
    """Return the last fill of a kind that the log tells of."""
    fills = reversed(history.site_changes)
    return next((fill for fill in fills if fill.kind is kind), None)


def last_site(history: History) -> SiteChange | None:
    """Return the last change of the site that the log tells of."""
    fills = reversed(history.site_changes)
    return next((fill for fill in fills if fill.is_site_change), None)


def known_fill(history: History, kind: FillKind) -> SiteChange | None:
    """Return the last fill of a kind; None also where a later one may be missing."""
    return _if_last(history, last_fill(history, kind), kind)


def known_site(history: History) -> SiteChange | None:
    """Return the last change of the site; None also where a later one may be missing."""
    return _if_last(history, last_site(history), FillKind.CANNULA, FillKind.CARTRIDGE)


def _if_last(
    history: History, fill: SiteChange | None, *kinds: FillKind
) -> SiteChange | None:
    codes = (CODE_OF_FILL[kind] for kind in kinds)
    if fill and may_be_missing(history.missing, fill.key, *codes):
        return None
    return fill
