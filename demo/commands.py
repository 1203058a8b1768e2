"""Carry out commands for the demo's pump while it runs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .pump import SimulatedPump

ALARMS = MappingProxyType(
    {
        "occlusion": 2,
        "empty-cartridge": 8,
        "temperature": 10,
        "battery": 12,
        "cartridge-removed": 25,
    }
)
ALERTS = MappingProxyType(
    {"insulin-low": 0, "battery-low": 2, "high-glucose": 50, "low-glucose": 51}
)
SEEN_TO = 900
"""Seconds until the person reacts to an alarm or an alert."""


class UnknownCommandError(Exception):
    """The pump has no such command."""


def alarm(pump: SimulatedPump, which: str) -> str:
    """Raise an alarm, which stops delivery."""
    number = ALARMS[which]
    pump.provoke_alarm(number)
    pump.timeline.after(SEEN_TO, lambda: pump.clear_alarm(number))
    pump.timeline.after(SEEN_TO + 30, pump.resume)
    return f"Alarm: {which}. Nothing is delivered until somebody sees to it, in 15 minutes."


def alert(pump: SimulatedPump, which: str) -> str:
    """Raise an alert."""
    number = ALERTS[which]
    pump.provoke_alert(number)
    pump.timeline.after(SEEN_TO, lambda: pump.clear_alert(number))
    return f"Alert: {which}, for 15 minutes."


def bolus(pump: SimulatedPump, units: str) -> str:
    """Give a bolus of some units."""
    if pump.give_bolus(float(units)) is None:
        return "The pump refuses a bolus now."
    return f"Bolus: {units} U. It shows with one of the next uploads, once delivered."


def suspend(pump: SimulatedPump, _: str) -> str:
    """Stop delivery."""
    pump.suspend()
    return "Suspended. Resume with: scripts/demo resume"


def resume(pump: SimulatedPump, _: str) -> str:
    """Deliver again."""
    pump.resume()
    return "Resumed."


COMMANDS: Mapping[str, Callable[[SimulatedPump, str], str]] = MappingProxyType(
    {
        "alarm": alarm,
        "alert": alert,
        "bolus": bolus,
        "suspend": suspend,
        "resume": resume,
    }
)


def carry_out(pump: SimulatedPump, command: str, argument: str) -> str:
    """Run an action of the pump at its current instant, and return a sentence about it."""
    try:
        return COMMANDS[command](pump, argument)
    except (KeyError, ValueError) as error:
        raise UnknownCommandError(f"{command} {argument}".strip()) from error
