"""The meaning of alarm, alert and CGM alert numbers: a stable slug and plain words for each."""

from .checked_fields import UNSET_16
from .enums import AlarmKind

ALARM_NAMES: dict[int, tuple[str, str]] = {
    0: ("cartridge", "Cartridge alarm: change the cartridge"),
    1: ("cartridge", "Cartridge alarm: change the cartridge"),
    2: ("occlusion", "Occlusion"),
    3: ("pump_reset", "Pump reset"),
    4: ("obsolete", "Obsolete alarm"),
    5: ("cartridge", "Cartridge alarm: change the cartridge"),
    6: ("cartridge", "Cartridge alarm: change the cartridge"),
    7: ("auto_off", "Auto-off: delivery stopped"),
    8: ("empty_cartridge", "Empty cartridge"),
    9: ("cartridge", "Cartridge alarm: change the cartridge"),
    10: ("temperature", "Temperature out of range"),
    11: ("temperature_sensor", "Temperature sensor failed"),
    12: ("battery_shutdown", "Battery shutdown: delivery ends"),
    14: ("date_invalid", "Date invalid"),
    15: ("battery_temperature", "Battery temperature"),
    16: ("cartridge", "Cartridge alarm: change the cartridge"),
    18: ("resume_pump", "Insulin still suspended: resume pump"),
    20: ("cartridge", "Cartridge alarm: change the cartridge"),
    21: ("altitude", "Altitude: air pressure out of range"),
    22: ("stuck_button", "Button stuck"),
    23: ("resume_pump_reminder", "Insulin still suspended"),
    24: ("altitude", "Altitude: air pressure out of range"),
    25: ("cartridge_removed", "Cartridge removed"),
    26: ("occlusion", "Occlusion"),
    29: ("cartridge", "Cartridge alarm: change the cartridge"),
    30: ("cartridge", "Cartridge alarm: change the cartridge"),
    31: ("cartridge", "Cartridge alarm: change the cartridge"),
    32: ("no_cartridge", "No cartridge detected"),
    33: ("battery_insufficient", "Battery power insufficient"),
    34: ("cartridge", "Cartridge alarm: change the cartridge"),
    35: ("motor_failure", "Motor failed"),
    36: ("motor_prime_stall", "Motor stalled while priming"),
    37: ("second_processor_reset", "Second processor reset"),
}
ALERT_NAMES: dict[int, tuple[str, str]] = {
    0: ("insulin_low", "Insulin low"),
    1: ("usb_current_insufficient", "USB power insufficient"),
    2: ("battery_low", "Battery low"),
    3: ("battery_low", "Battery low: charge the pump"),
    4: ("memory", "Memory error"),
    5: ("auto_off", "Auto-off is near"),
    6: ("basal_limit", "Basal rate limit"),
    7: ("battery_not_charging", "Battery cannot be charged"),
    8: ("basal_too_low", "Basal rate too low"),
    9: ("usb_unknown", "USB device not recognised"),
    10: ("computer_connection", "Connection to the computer failed"),
    11: ("incomplete_bolus", "Bolus not completed"),
    12: ("incomplete_temp_rate", "Temp rate not completed"),
    13: ("incomplete_cartridge", "Cartridge change not completed"),
    14: ("incomplete_tubing", "Tubing fill not completed"),
    15: ("incomplete_cannula", "Cannula fill not completed"),
    16: ("incomplete_setting", "Setting not completed"),
    17: ("insulin_very_low", "Insulin very low"),
    18: ("max_basal_limit", "Highest basal limit reached"),
    19: ("stuck_button", "Button stuck"),
    20: ("cgm_software", "CGM software error"),
    21: ("libre_software", "Libre 2 software error"),
    23: ("usb_shutdown", "USB shut down"),
    24: ("too_many_sensors", "Too many CGM sensors"),
    25: ("cgm_graph_removed", "CGM graph removed"),
    26: ("basal_low", "Basal rate low"),
    27: ("incomplete_calibration", "CGM calibration not completed"),
    28: ("calibration_timeout", "CGM calibration timed out"),
    29: ("transmitter_id_invalid", "CGM transmitter ID invalid"),
    33: ("quick_bolus_aborted", "Quick bolus aborted"),
    34: ("quick_bolus_failed", "Quick bolus failed repeatedly"),
    35: ("automation", "Automation alert"),
    39: ("transmitter_end_of_life", "CGM transmitter at its end"),
    40: ("cgm_bluetooth", "CGM Bluetooth error"),
    41: ("cgm_bluetooth_watchdog", "CGM Bluetooth restarted"),
    42: ("cgm_bluetooth_timeout", "CGM Bluetooth timed out"),
    43: ("cgm_incompatible", "CGM not compatible"),
    44: ("transmitter_expiring", "CGM transmitter expires soon"),
    45: ("transmitter_expiring_very_soon", "CGM transmitter expires very soon"),
    46: (
        "transmitter_expiring_at_start",
        "CGM transmitter expires during the next session",
    ),
    47: ("incomplete_control_iq_setting", "Control-IQ setting not completed"),
    48: ("no_cgm_readings", "No CGM readings"),
    49: ("prime_limit", "Fill limit reached"),
    50: ("control_iq_high", "Control-IQ high alert"),
    51: ("control_iq_low", "Control-IQ low alert"),
    52: ("control_iq_max_insulin", "Control-IQ maximum insulin"),
    53: ("bluetooth_crash", "Bluetooth restarted"),
    54: ("phone_paired", "Phone paired"),
    55: ("bluetooth_hardware", "Bluetooth hardware error"),
    56: ("user_max_basal", "Your basal limit is reached"),
    57: ("sensor", "Sensor alert"),
    58: ("communication_log", "Communication log error"),
    59: ("automation_off", "Automation is off"),
    60: ("controller_connection_lost", "Connection to the controller lost"),
    61: ("battery_nearly_empty", "Battery nearly empty"),
    62: ("battery_insufficient", "Battery power insufficient"),
    63: ("pairing_timeout", "Pairing timed out"),
}
CGM_ALERT_NAMES: dict[int, tuple[str, str]] = {
    1: ("urgent_low", "Urgent low glucose"),
    2: ("high", "High glucose"),
    3: ("low", "Low glucose"),
    4: ("calibration_request", "Calibrate the CGM"),
    5: ("rise", "Glucose rising"),
    6: ("rapid_rise", "Glucose rising fast"),
    7: ("fall", "Glucose falling"),
    8: ("rapid_fall", "Glucose falling fast"),
    9: ("calibration_error", "Calibration error"),
    10: ("calibration_high_wedge", "Calibration error (reading far off)"),
    11: ("sensor_failed", "Sensor failed"),
    12: ("sensor_expiring", "Sensor expires"),
    13: ("sensor_expired", "Sensor expired"),
    14: ("out_of_range", "Sensor out of range"),
    16: ("first_calibration", "First calibration due"),
    17: ("second_calibration", "Second calibration due"),
    18: ("calibration_required", "Calibration required"),
    19: ("transmitter_battery_low", "Transmitter battery low"),
    20: ("transmitter_error", "Transmitter error"),
    22: ("sensor_expiring_soon", "Sensor expires soon"),
    24: ("urgent_low_soon", "Urgent low soon"),
    25: ("sensor_reused", "Sensor was used before"),
    26: ("sensor_temperature", "Sensor temperature"),
    27: ("connection_error", "Sensor connection error"),
    28: ("check_sensor", "Check the sensor"),
    29: ("reading_unusable", "Glucose reading unusable"),
    31: ("grace_period_started", "Sensor grace period started"),
    32: ("grace_period_ending", "Sensor grace period ends soon"),
}
NO_NUMBER = UNSET_16
"""The pump's value for an unset number; here also for an alarm whose number cannot be read."""
OTHER_SLUG = "other"
"""Not Home Assistant's `unknown`: the alarm is known to be raised, only its meaning is unknown."""
MALFUNCTION_SLUG = "malfunction"
MEANINGS = {
    AlarmKind.ALARM: ALARM_NAMES,
    AlarmKind.ALERT: ALERT_NAMES,
    AlarmKind.CGM_ALERT: CGM_ALERT_NAMES,
}
KIND_WORDS = {
    AlarmKind.ALARM: "Alarm",
    AlarmKind.MALFUNCTION: "Pump malfunction",
    AlarmKind.ALERT: "Alert",
    AlarmKind.CGM_ALERT: "CGM alert",
}


def slug(kind: AlarmKind, number: int) -> str:
    """Return the stable slug of a warning; `other` for a number without a known meaning."""
    if kind is AlarmKind.MALFUNCTION:
        return MALFUNCTION_SLUG
    return MEANINGS[kind].get(number, (OTHER_SLUG, ""))[0]


def words(kind: AlarmKind, number: int) -> str:
    """Return a warning in plain words, with its number where the meaning is unknown."""
    meaning = MEANINGS.get(kind, {}).get(number)
    if meaning:
        return meaning[1]
    which = "of an unknown number" if number == NO_NUMBER else number
    return f"{KIND_WORDS[kind]} {which}"


def slugs(kind: AlarmKind) -> list[str]:
    """Return every slug of a kind once, in the order of the numbers, `other` last."""
    if kind is AlarmKind.MALFUNCTION:
        return [MALFUNCTION_SLUG]
    return [*dict.fromkeys(entry[0] for entry in MEANINGS[kind].values()), OTHER_SLUG]


def alarm_slugs() -> list[str]:
    """Return the slugs of alarms, then the one of malfunctions."""
    return [*slugs(AlarmKind.ALARM), MALFUNCTION_SLUG]
