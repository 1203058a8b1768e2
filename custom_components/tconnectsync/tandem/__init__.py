"""Tandem Source: signing in, reading, and the pump's log as typed events."""

from .client import TandemClient
from .errors import (
    IdentityNotVerified,
    NoPump,
    SeveralPersons,
    SignInRefused,
    TandemBusy,
    TandemChanged,
    TandemError,
    TandemUnreachable,
)
from .persons import Person, read_persons
from .pump_choice import by_upload, choose_pump, credible_newest_event
from .pumper import UNNAMED_MODEL, Pump, Pumper, PumpLog
from .regions import Region, regions
from .settings import PumpSettings
from .token import Token
from .token_provider import TokenProvider

__all__ = [
    "UNNAMED_MODEL",
    "IdentityNotVerified",
    "NoPump",
    "Person",
    "Pump",
    "PumpLog",
    "PumpSettings",
    "Pumper",
    "Region",
    "SeveralPersons",
    "SignInRefused",
    "TandemBusy",
    "TandemChanged",
    "TandemClient",
    "TandemError",
    "TandemUnreachable",
    "Token",
    "TokenProvider",
    "by_upload",
    "choose_pump",
    "credible_newest_event",
    "read_persons",
    "regions",
]
