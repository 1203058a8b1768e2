"""Sensor readings."""

from .differences import Found
from .groups import Group
from .truth import Logged, Truth

CODES = {256, 372, 399, 480}
NOT_TO_BE_SHOWN = 6


def compare_readings(group: Group, truth: Truth, found: Found) -> None:
    """Compare the documents of one reading."""
    (event,) = group.events
    hidden = event.properties["glucoseValueStatus"] == NOT_TO_BE_SHOWN
    if not group.here:
        if not hidden and _logged_again(event, truth):
            found.note("reading-sent-twice")
            return
        nothing = hidden or not event.properties["currentGlucoseDisplayValue"]
        found.require(nothing, "reading-not-to-be-shown", group)
        return
    if len(group.here) > 1 or hidden:
        found.wrong(f"doubled, or not to be shown: {group}")
        return
    (here,) = group.here
    true, by_zone = (
        truth.egv_instant(event),
        truth.by_zone(truth.egv_shown(event)),
    )
    if here.second != true:
        found.wrong(f"not the true time, {true}: {here}")
    elif here.at != here.second:
        found.note("a-moment-of-its-own")
    if not group.there:
        again = _logged_again(event, truth)
        name = "reading-sent-twice" if again else "moved-clock"
        found.require(again or by_zone != true, name, f"not sent there: {group}")
        return
    (there,) = group.there
    if there.at != by_zone:
        found.wrong(f"dated by neither zone nor clock, {by_zone}: {there}")
    if by_zone != true:
        found.note("moved-clock")
    if there.glucose != here.glucose:
        found.wrong(f"{there.glucose} there, {here.glucose} here: {group}")


def _logged_again(event: Logged, truth: Truth) -> bool:
    """Tell whether the pump logged the same reading more than once."""
    keys = "egvTimeStamp", "currentGlucoseDisplayValue", "glucoseValueStatus"
    what = [event.properties[key] for key in keys]
    return any(
        other is not event
        and other.code in CODES
        and [other.properties[key] for key in keys] == what
        for other in truth.events.values()
    )
