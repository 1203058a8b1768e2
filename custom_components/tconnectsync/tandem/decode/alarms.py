"""Alarms, malfunctions, alerts and CGM alerts coming up and going away."""

from custom_components.tconnectsync.tandem.alarm_names import NO_NUMBER
from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.tandem.event_fields import UNSET_32, Properties
from custom_components.tconnectsync.tandem.event_types import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    PumpEvent,
)

from .header import Decoder, Header

MOST = 65534


def _raised(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmRaised(
            **header,
            kind=kind,
            alarm=fields.integer(key, 0, MOST),
            parameter=fields.optional_integer("param1", 0, UNSET_32 - 1),
        )

    return decode


def _cleared(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmCleared(**header, kind=kind, alarm=fields.integer(key, 0, MOST))

    return decode


def _acknowledged(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmAcknowledged(
            **header, kind=kind, alarm=fields.integer(key, 0, MOST)
        )

    return decode


def without_number(header: Header) -> AlarmRaised | None:
    """Return what was raised though nobody can read which, None where nothing was."""
    kind = RAISED.get(header["code"])
    if kind is None:
        return None
    return AlarmRaised(**header, kind=kind, alarm=NO_NUMBER, parameter=None)


RAISED = {
    4: AlarmKind.ALERT,
    5: AlarmKind.ALARM,
    6: AlarmKind.MALFUNCTION,
    171: AlarmKind.CGM_ALERT,
    369: AlarmKind.CGM_ALERT,
    460: AlarmKind.CGM_ALERT,
}
DECODERS: dict[int, Decoder] = {
    4: _raised(AlarmKind.ALERT, "alertId"),
    5: _raised(AlarmKind.ALARM, "alarmId"),
    6: _raised(AlarmKind.MALFUNCTION, "malfId"),
    8: _acknowledged(AlarmKind.ALARM, "alarmId"),
    26: _cleared(AlarmKind.ALERT, "alertId"),
    27: _acknowledged(AlarmKind.ALERT, "alertId"),
    28: _cleared(AlarmKind.ALARM, "alarmId"),
    171: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    172: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    369: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    370: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    371: _acknowledged(AlarmKind.CGM_ALERT, "dalertId"),
    460: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    461: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
}
