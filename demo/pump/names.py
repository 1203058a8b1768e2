"""Names of the alarms and alerts that one might want to provoke, with their numbers."""

ALARMS = {
    "cartridge": 0,
    "occlusion": 2,
    "pump_reset": 3,
    "auto_off": 7,
    "out_of_insulin": 8,
    "temperature": 10,
    "battery_shutdown": 12,
    "resume_pump": 18,
    "stuck_button": 22,
    "cartridge_removed": 25,
    "no_cartridge": 32,
}
ALERTS = {
    "insulin_low": 0,
    "battery_low": 2,
    "incomplete_bolus": 11,
    "insulin_very_low": 17,
    "transmitter_expiring": 44,
    "high": 50,
    "low": 51,
    "max_insulin": 52,
}
CGM_ALERTS = {
    "fixed_low": 1,
    "high": 2,
    "low": 3,
    "rise": 5,
    "fall": 7,
    "sensor_failed": 11,
    "sensor_expiring": 12,
    "out_of_range": 14,
    "urgent_low_soon": 24,
}


def number(names: dict[str, int], name: str | int) -> int:
    """Return the number for a name, or a number unchanged; raise ValueError for an unknown name."""
    if isinstance(name, int) or name.isdecimal():
        return int(name)
    if name not in names:
        raise ValueError(
            f"unknown: {name}; known are {', '.join(names)} and any number"
        )
    return names[name]
