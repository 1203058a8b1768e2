"""Numbers of alarms and CGM alerts that mean something for delivery or the sensor; alarm_names.py has all."""

from enum import IntEnum


class AlarmNumber(IntEnum):
    """The number of an alarm (5 alarmId)."""

    CARTRIDGE = 0
    PUMP_RESET = 3
    OBSOLETE = 4
    EMPTY_CARTRIDGE = 8
    DATE_INVALID = 14
    RESUME_PUMP = 18
    RESUME_PUMP_REMINDER = 23
    CARTRIDGE_REMOVED = 25
    CARTRIDGE_NOT_DETECTED = 32


class CgmAlertNumber(IntEnum):
    """The number of a CGM alert (171 dalertId)."""

    SENSOR_FAILED = 11
    SENSOR_EXPIRED = 13
    GRACE_PERIOD_STARTED = 31
