"""Alarms, malfunctions, alerts and CGM alerts: raised, cleared, acknowledged."""

from custom_components.tconnectsync.tandem.alarm_names import NO_NUMBER
from custom_components.tconnectsync.tandem.checked_fields import UNSET_32, Properties
from custom_components.tconnectsync.tandem.enums import AlarmKind
from custom_components.tconnectsync.tandem.event_types import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmRaised,
    PumpEvent,
)

from .header import Decoder, Header

MAX_ALARM_NUMBER = NO_NUMBER - 1


def _raised(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmRaised(
            **header,
            kind=kind,
            alarm=fields.integer(key, 0, MAX_ALARM_NUMBER),
            parameter=fields.optional_integer("param1", 0, UNSET_32 - 1),
        )

    return decode


def _cleared(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmCleared(
            **header, kind=kind, alarm=fields.integer(key, 0, MAX_ALARM_NUMBER)
        )

    return decode


def _acknowledged(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmAcknowledged(
            **header, kind=kind, alarm=fields.integer(key, 0, MAX_ALARM_NUMBER)
        )

    return decode


def without_number(header: Header) -> AlarmRaised | None:
    """Return the alarm that was raised, though its number cannot be read; None for other events."""
    if header["code"] not in RAISED:
        return None
    kind, _ = RAISED[header["code"]]
    return AlarmRaised(**header, kind=kind, alarm=NO_NUMBER, parameter=None)


RAISED = {
    4: (AlarmKind.ALERT, "alertId"),
    5: (AlarmKind.ALARM, "alarmId"),
    6: (AlarmKind.MALFUNCTION, "malfId"),
    171: (AlarmKind.CGM_ALERT, "dalertId"),
    369: (AlarmKind.CGM_ALERT, "dalertId"),
    460: (AlarmKind.CGM_ALERT, "dalertId"),
}
DECODERS: dict[int, Decoder] = {
    **{code: _raised(kind, key) for code, (kind, key) in RAISED.items()},
    8: _acknowledged(AlarmKind.ALARM, "alarmId"),
    26: _cleared(AlarmKind.ALERT, "alertId"),
    27: _acknowledged(AlarmKind.ALERT, "alertId"),
    28: _cleared(AlarmKind.ALARM, "alarmId"),
    172: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    370: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    371: _acknowledged(AlarmKind.CGM_ALERT, "dalertId"),
    461: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
}
