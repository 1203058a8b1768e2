"""Simulate Tandem Source."""

from .account import Account, ListedPump
from .faults import Fault
from .server import SimulatedTandem
from .uploads import keep_uploading, live_through_uploads, upload_instants

__all__ = [
    "Account",
    "Fault",
    "ListedPump",
    "SimulatedTandem",
    "keep_uploading",
    "live_through_uploads",
    "upload_instants",
]
