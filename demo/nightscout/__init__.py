"""Simulate a Nightscout server: REST API v1 as versions 15.0.6 and 15.0.7 answer it."""

from .access import ADMIN, CAREPORTAL, READABLE
from .kinds import Version
from .server import Seen, SimulatedNightscout

__all__ = ["ADMIN", "CAREPORTAL", "READABLE", "Seen", "SimulatedNightscout", "Version"]
