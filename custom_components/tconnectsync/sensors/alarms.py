"""The newest alarm, alert and CGM alert, and how many are raised."""

from collections.abc import Callable
from typing import Any

from custom_components.tconnectsync.entity import newest_event
from custom_components.tconnectsync.instants import iso
from custom_components.tconnectsync.read.pump_data import PumpData
from custom_components.tconnectsync.tandem import alarm_names
from custom_components.tconnectsync.tandem.enums import ALARM_KINDS, AlarmKind
from custom_components.tconnectsync.therapy.records import Alarm
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass

from .description import PumpSensorDescription

type Newest = Callable[[PumpData], Alarm | None]


def _last(
    key: str, newest_fn: Newest, slugs: list[str], *, enabled: bool = False
) -> PumpSensorDescription:
    def attributes(data: PumpData) -> dict[str, Any]:
        alarm = newest_fn(data)
        if alarm is None:
            return {}
        known = not data.history.clock_doubtful
        return {
            "kind": alarm.kind,
            "number": alarm.number,
            "meaning": alarm.meaning,
            "time": iso(alarm.start) if known else None,
            "cleared": iso(alarm.cleared) if known else None,
            "acknowledged": iso(alarm.acknowledged) if known else None,
        }

    return PumpSensorDescription(
        key=key,
        entity_registry_enabled_default=enabled,
        device_class=SensorDeviceClass.ENUM,
        options=slugs,
        value_fn=lambda data: alarm.slug if (alarm := newest_fn(data)) else None,
        attributes_fn=attributes,
    )


def _last_time(key: str, newest_fn: Newest) -> PumpSensorDescription:
    return PumpSensorDescription(
        key=key,
        entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        by_pump_clock=True,
        value_fn=lambda data: alarm.start if (alarm := newest_fn(data)) else None,
    )


def _raised(data: PumpData) -> dict[str, Any]:
    state = data.state
    return {
        "alarms": [alarm.slug for alarm in state.raised_of(*ALARM_KINDS)],
        "alerts": [alarm.slug for alarm in state.raised_of(AlarmKind.ALERT)],
        "cgm_alerts": [alarm.slug for alarm in state.raised_of(AlarmKind.CGM_ALERT)],
    }


SENSORS = (
    _last(
        "last_alarm",
        lambda data: data.state.alarm,
        alarm_names.alarm_slugs(),
        enabled=True,
    ),
    _last_time("last_alarm_time", lambda data: data.state.alarm),
    _last(
        "last_alert", lambda data: data.state.alert, alarm_names.slugs(AlarmKind.ALERT)
    ),
    _last_time("last_alert_time", lambda data: data.state.alert),
    _last(
        "last_cgm_alert",
        lambda data: data.state.cgm_alert,
        alarm_names.slugs(AlarmKind.CGM_ALERT),
    ),
    _last_time("last_cgm_alert_time", lambda data: data.state.cgm_alert),
    PumpSensorDescription(
        key="alerts_active",
        entity_registry_enabled_default=False,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda data: (
            None if data.state.may_lack_alarms else len(data.state.raised)
        ),
        as_of_fn=newest_event,
        never_stale_fn=lambda data: bool(data.state.raised),
        attributes_fn=_raised,
    ),
)
