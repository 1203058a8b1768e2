"""Device statuses: insulin on board, reservoir, battery and mode of a pump."""

from typing import Any

from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    build_document,
    distinct_instant,
    local_text,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind, event_name
from custom_components.tconnectsync.nightscout.stored_document import STATUS_TYPE
from custom_components.tconnectsync.tandem.enums import ControlMode, UserMode

from .pump_status import PumpStatus

MANUFACTURER = "Tandem"
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


def device_statuses(status: PumpStatus, pump: PumpIdentity) -> list[Document]:
    """Return the device status of one report of insulin on board."""
    report = status.report
    created_at = distinct_instant(report.start, report.key)
    clock = local_text(created_at, report.offset)
    return [
        build_document(
            {
                "created_at": clock,
                "pump": _insulin_on_board(status, clock)
                | _pump(status, clock)
                | {"manufacturer": MANUFACTURER, "model": pump.model},
            },
            pump=pump,
            kind=Kind.STATUS,
            name=event_name(report.key),
            created_at=created_at,
            offset=report.offset,
            event_type=STATUS_TYPE,
            start=report.start,
            end=report.start,
            numbers=(report.key[1],),
        )
    ]


def _insulin_on_board(status: PumpStatus, clock: str) -> dict[str, Any]:
    """Return the reported insulin on board (U), unless more may have been on board."""
    if not status.is_complete:
        return {}
    insulin = status.report.insulin
    return {"iob": {"iob": insulin, "bolusiob": insulin, "timestamp": clock}}


def _pump(status: PumpStatus, clock: str) -> dict[str, Any]:
    """Return the fields of Nightscout's pump pill (U, %)."""
    fields: dict[str, Any] = {"clock": clock}
    if status.suspended is not None:
        fields["status"] = {
            "status": "suspended" if status.suspended else "normal",
            "suspended": status.suspended,
            "timestamp": clock,
        }
    if status.reservoir is not None:
        fields["reservoir"] = status.reservoir
    if status.battery is not None:
        fields["battery"] = {"percent": status.battery}
    extended = {}
    if status.activity is not None:
        extended["Activity"] = ACTIVITIES[status.activity]
    if status.control is not None:
        extended["Control"] = CONTROLS[status.control]
    return fields | ({"extended": extended} if extended else {})
