"""Simulate an insulin pump."""

from .bolus_messages import Ending
from .control_iq import Mode
from .recorded import RecordedPump
from .settings import Profile, Segment, Settings
from .simulated import SimulatedPump
from .wire import RawEvent

__all__ = [
    "Ending",
    "Mode",
    "Profile",
    "RawEvent",
    "RecordedPump",
    "Segment",
    "Settings",
    "SimulatedPump",
]
