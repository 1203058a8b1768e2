"""Alarms, alerts, fills, modes and sensor sessions."""

from datetime import datetime, timedelta

from .common_form import WrittenDocument
from .differences import Found
from .groups import Group
from .times import check_here, check_there, compare_times
from .truth import PUMP_EPOCH, Logged, Truth

ALARMS = {5, 6}
ALERTS = {4}
CGM_ALERTS = {171, 369, 460}
FILLS = {33, 61, 63}
MODES = {229}
SENSOR_STARTS = {212, 213, 394, 404, 406, 477}
SENSOR_STOPS = {214, 405, 447, 486}
CODES = ALARMS | ALERTS | CGM_ALERTS | FILLS | MODES | SENSOR_STARTS | SENSOR_STOPS

REMINDERS = {18, 23}
OUT_OF_RANGE = 14
NAMED_THERE = {1, 2, 3, 8, 11, 12, 13, 20, 22, 25, 26, 27, 39, 40, 45, 46, 48}
COMPLETED = 3
EATING_SOON = 3
STOPS = (0, 2, 4)
A_SECOND = 1 / 60


def compare_happenings(group: Group, truth: Truth, found: Found) -> None:
    """Compare the documents of a single event."""
    code = group.code
    if code in FILLS:
        _fill(group, truth, found)
        return
    if len(group.there) > 1 or len(group.here) > 1:
        found.wrong(f"doubled: {group}")
    elif code in MODES:
        _mode(group, truth, found)
    elif code in SENSOR_STARTS:
        _sensor_start(group, truth, found)
    elif code in SENSOR_STOPS:
        _both(group, "Sensor Stop", None, truth, found)
    elif not group.there:
        _only_here(group, truth, found)
    elif code in ALARMS:
        _both(group, "Announcement", "alarm-as-announcement", truth, found)
    else:
        _both(group, "Note", "cgm-alert-as-note", truth, found)


def _both(
    group: Group, type_: str, name: str | None, truth: Truth, found: Found
) -> None:
    """Compare the documents of both programs, that of the integration with the given type."""
    if not group.there or not group.here:
        found.wrong(f"sent by one only: {group}")
        return
    there, here = group.there[0], group.here[0]
    event = group.events[0]
    compare_times(there, here, events=(event, event), truth=truth, found=found)
    if name:
        found.require(here.type == type_, name, group)
    elif not here.type == there.type == type_:
        found.wrong(f"type: {group}")


def _only_here(group: Group, truth: Truth, found: Found) -> None:
    (event,), (here,) = group.events, group.here
    check_here(here, event, found)
    overwritten = truth.overwritten(
        event, ALARMS if event.code in ALARMS else CGM_ALERTS
    )
    if event.code in ALERTS:
        found.require(here.type == "Note", "alerts", group)
    elif event.code in CGM_ALERTS:
        alert = event.properties["dalertId"]
        dexcom = event.code == 369
        if alert == OUT_OF_RANGE and dexcom:
            found.note("cgm-out-of-range")
        elif alert in NAMED_THERE:
            found.require(overwritten is not None, overwritten or "overwritten", group)
        else:
            found.require(alert not in NAMED_THERE, "cgm-alert-without-a-name", group)
    elif overwritten:
        found.note(overwritten)
    else:
        reminds = event.properties.get("alarmId") in REMINDERS
        found.require(reminds, "reminder-of-a-suspension", group)


def _fill(group: Group, truth: Truth, found: Found) -> None:
    (event,) = group.events
    if len(group.there) != 1 or not group.here:
        found.wrong(f"a fill sent by one only: {group}")
        return
    (there,) = group.there
    for here in group.here:
        compare_times(there, here, events=(event, event), truth=truth, found=found)
    types = sorted(here.type for here in group.here)
    if event.code == 33:
        found.require("Insulin Change" in types, "cartridge-as-insulin-change", group)
        if "Site Change" in types:
            found.note("cartridge-without-cannula")
        elif types != ["Insulin Change"]:
            found.wrong(f"type: {group}")
    elif event.code == 63:
        found.require(types == ["Note"], "tubing-as-note", group)
    elif event.properties["completionStatus"] != COMPLETED:
        found.require(types == ["Note"], "cannula-not-filled", group)
        return
    elif types != ["Site Change"]:
        found.wrong(f"type: {group}")
    _fill_amount(group, there, found)


def _fill_amount(group: Group, there: WrittenDocument, found: Found) -> None:
    amounts = [here.amount for here in group.here if here.type != "Site Change"]
    for amount in amounts or [group.here[0].amount]:
        if amount == there.amount:
            continue
        found.require(
            amount is not None and there.amount == round(amount),
            "fill-rounded",
            f"{there.amount} U there, {amount} U here: {group}",
        )


def _mode(group: Group, truth: Truth, found: Found) -> None:
    begin = group.events[0]
    mode = begin.properties["currentUserMode"]
    if not group.here:
        found.wrong(f"sent by one only: {group}")
        return
    (here,) = group.here
    check_here(here, begin, found)
    following = truth.next_of(begin, *MODES)
    if not group.there:
        name = "eating-soon" if mode == EATING_SOON else "mode-that-another-ended"
        ended_by_another = following is not None and not _stops(following)
        found.require(mode == EATING_SOON or ended_by_another, name, group)
        return
    (there,) = group.there
    check_there(there, begin, truth, found)
    if there.type != here.type:
        found.wrong(f"type: {group}")
    if following is None:
        found.note("mode-that-goes-on")
    elif here.end != following.instant:
        found.wrong(f"not the true end, {following.instant}: {here}")
    elif abs(there.minutes - here.minutes) > A_SECOND:
        _length(group, there, begin, following, found)


def _length(
    group: Group, there: WrittenDocument, begin: Logged, following: Logged, found: Found
) -> None:
    """Explain another length of a mode that is over."""
    wall = (following.shown - begin.shown).total_seconds() / 60
    if abs(there.minutes - wall) <= A_SECOND:
        found.note("moved-clock")
    else:
        found.require(not _stops(following), "mode-that-another-ended", group)


def _stops(change: Logged) -> bool:
    """Tell whether a mode was ended, not followed by another."""
    return change.properties["requestedAction"] in STOPS


def _sensor_start(group: Group, truth: Truth, found: Found) -> None:
    event = group.events[0]
    if not group.there:
        found.wrong(f"sent here only: {group}")
        return
    (there,) = group.there
    check_there(there, event, truth, found)
    begun = _session_start(event)
    if not group.here:
        found.note("sensor-joined-again")
        return
    (here,) = group.here
    if here.type == "Note":
        found.require(begun is None, "sensor-of-unknown-age", group)
        return
    true = event.instant if begun is None else event.instant - (event.shown - begun)
    if here.second != true:
        found.wrong(f"not the true start, {true}: {here}")
    elif true != event.instant:
        found.note("sensor-by-its-start")


def _session_start(event: Logged) -> datetime | None:
    """Return the start of a session by the pump's clock, as each family of sensors reports it."""
    properties = event.properties
    match event.code:
        case 212 | 213:
            age = properties["currentTransmitterTime"] - properties["sessionStartTime"]
        case 394:
            age = properties["cgmTimestamp"]
        case _:
            return PUMP_EPOCH + timedelta(seconds=properties["sessionStartTime"])
    return event.shown - timedelta(seconds=age)
