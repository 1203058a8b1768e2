"""A simulated Tandem Source."""

from .account import Account, ListedPump
from .faults import Fault
from .server import SimulatedTandem

__all__ = ["Account", "Fault", "ListedPump", "SimulatedTandem"]
