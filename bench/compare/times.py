"""When each program says something was, against when it truly was."""

from .common_form import WrittenDocument
from .differences import Found
from .truth import Logged, Truth


def compare_times(
    there: WrittenDocument,
    here: WrittenDocument,
    *,
    events: tuple[Logged, Logged],
    truth: Truth,
    found: Found,
    by_another: str | None = None,
) -> None:
    """Explain each part of the way from one time to the other; the events are those each dates by."""
    event_there, event_here = events
    check_there(there, event_there, truth, found)
    check_here(here, event_here, found)
    if event_there.instant != event_here.instant:
        if by_another is None:
            found.wrong(f"dated by another event: {there}; {here}")
        else:
            found.note(by_another)


def check_there(
    there: WrittenDocument, event: Logged, truth: Truth, found: Found
) -> None:
    """See that tconnectsync dates by the zone, right or wrong."""
    by_zone = truth.by_zone(event.shown)
    if there.at != by_zone:
        found.wrong(
            f"dated by neither zone nor clock: {there}, the zone's is {by_zone}"
        )
    if by_zone != event.instant:
        found.note("moved-clock")


def check_here(here: WrittenDocument, event: Logged, found: Found) -> None:
    """Check that this integration sends the true time."""
    if here.second != event.instant:
        found.wrong(f"not the true time, {event.instant}: {here}")
    elif here.at != here.second:
        found.note("a-moment-of-its-own")
