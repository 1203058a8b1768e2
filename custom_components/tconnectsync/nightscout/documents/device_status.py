"""Insulin on board, reservoir, battery and mode at every event that carries insulin on board.

Where more may have been on board than the pump said, insulin on board is left out.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    local_text,
    moment,
    seal,
)
from custom_components.tconnectsync.nightscout.features import CONTEXT_DAYS, Feature
from custom_components.tconnectsync.nightscout.identity import Kind, event_name
from custom_components.tconnectsync.nightscout.own_document import STATUS_TYPE
from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode
from custom_components.tconnectsync.therapy.cartridge import Cartridge
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import InsulinOnBoard, Record
from custom_components.tconnectsync.therapy.reported_on_board import OnBoard

MANUFACTURER = "Tandem"
BATTERY_HOLDS = timedelta(hours=24)
LOOKS_BACK = timedelta(days=CONTEXT_DAYS[Feature.DEVICE_STATUS])
ACTIVITIES = {
    UserMode.NORMAL: "Normal",
    UserMode.SLEEP: "Sleep",
    UserMode.EXERCISE: "Exercise",
    UserMode.EATING_SOON: "Eating soon",
}
CONTROLS = {
    ControlMode.NO_CONTROL: "Off",
    ControlMode.OPEN_LOOP: "Open loop",
    ControlMode.WAITING: "Waiting",
    ControlMode.CLOSED_LOOP: "Closed loop",
}


def device_status(
    history: History, pump: PumpIdentity, others: Sequence[History] = ()
) -> Iterator[Document]:
    """Yield what was known of the pump at each such moment, and nothing from later.

    The others are those of the pumps in use besides.
    """
    cartridge = Cartridge(history)
    on_board = OnBoard([history, *others], None)
    for known in history.insulin_on_board:
        created_at = moment(known.start, known.key)
        clock = local_text(created_at, known.offset)
        yield seal(
            {
                "created_at": clock,
                "pump": _insulin_on_board(on_board, known, clock)
                | _pump(history, known, clock, _left(cartridge, known))
                | {"manufacturer": MANUFACTURER, "model": pump.model},
            },
            pump=pump,
            kind=Kind.STATUS,
            name=event_name(known.key),
            created_at=created_at,
            offset=known.offset,
            event_type=STATUS_TYPE,
            start=known.start,
            end=known.start,
            numbers=(known.key[1],),
        )


def _insulin_on_board(
    on_board: OnBoard, known: InsulinOnBoard, clock: str
) -> dict[str, Any]:
    """Return what the pump said (U), unless that was not all."""
    if on_board.is_told_within_a_bolus(known) or not on_board.is_all(
        known, known.start
    ):
        return {}
    said = {"iob": known.insulin, "bolusiob": known.insulin, "timestamp": clock}
    return {"iob": said}


def _pump(
    history: History, known: InsulinOnBoard, clock: str, left: float | None
) -> dict[str, Any]:
    """Return Nightscout's picture of a pump (U, %)."""
    suspension = _last(history.suspensions, known)
    suspended = suspension is not None and known.start < suspension.end
    reported: dict[str, Any] = {
        "clock": clock,
        "status": {
            "status": "suspended" if suspended else "normal",
            "suspended": suspended,
            "timestamp": clock,
        },
    }
    if left is not None:
        reported["reservoir"] = round(left, 1)
    battery = _last(history.battery, known)
    if battery and known.start - battery.start <= BATTERY_HOLDS:
        reported["battery"] = {"percent": battery.percent}
    extended = {}
    if activity := _last(history.activity_modes, known):
        extended["Activity"] = ACTIVITIES[activity.mode]
    if control := _last(history.control_modes, known):
        extended["Control"] = CONTROLS[control.mode]
    return reported | ({"extended": extended} if extended else {})


def _left(cartridge: Cartridge, known: InsulinOnBoard) -> float | None:
    anchor = cartridge.anchor(known)
    if anchor is None or not _reaches(anchor, known):
        return None
    return cartridge.left(anchor, known)


def _last[R: Record](records: Sequence[R], moment_of: Record) -> R | None:
    """Return the newest of these records that was logged by then."""
    behind = bisect_right(records, moment_of.key, key=lambda record: record.key)
    last = records[behind - 1] if behind else None
    return last if last and _reaches(last, moment_of) else None


def _reaches(earlier: Record, moment_of: Record) -> bool:
    """Return whether something is near enough to be held as long as what it explains is compared."""
    return moment_of.day - earlier.day < LOOKS_BACK
