"""Keep what the simulated Tandem Source was asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request the service was asked."""

    at: datetime
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    body_size: int
    status: int
