"""Store the requests to the simulated Tandem Source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request to the service."""

    at: datetime
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    body_size: int
    status: int
