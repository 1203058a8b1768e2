"""Alarms, malfunctions, alerts and CGM alerts coming up and going away."""

from custom_components.tconnectsync.tandem.event_fields import Properties
from custom_components.tconnectsync.tandem.events import (
    AlarmCleared,
    AlarmKind,
    AlarmRaised,
    CgmAlertAcknowledged,
    PumpEvent,
)

from .header import Decoder, Header

MOST = 65534


def _raised(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmRaised(**header, kind=kind, alarm=fields.integer(key, 0, MOST))

    return decode


def _cleared(kind: AlarmKind, key: str) -> Decoder:
    def decode(fields: Properties, header: Header) -> PumpEvent:
        return AlarmCleared(**header, kind=kind, alarm=fields.integer(key, 0, MOST))

    return decode


def _cgm_alert_acknowledged(fields: Properties, header: Header) -> PumpEvent:
    return CgmAlertAcknowledged(**header, alarm=fields.integer("dalertId", 0, MOST))


DECODERS: dict[int, Decoder] = {
    4: _raised(AlarmKind.ALERT, "alertId"),
    5: _raised(AlarmKind.ALARM, "alarmId"),
    6: _raised(AlarmKind.MALFUNCTION, "malfId"),
    26: _cleared(AlarmKind.ALERT, "alertId"),
    28: _cleared(AlarmKind.ALARM, "alarmId"),
    171: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    172: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    369: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    370: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
    371: _cgm_alert_acknowledged,
    460: _raised(AlarmKind.CGM_ALERT, "dalertId"),
    461: _cleared(AlarmKind.CGM_ALERT, "dalertId"),
}
