"""The keys that Tandem signs identities with, cached for as long as it allows."""

from collections.abc import Mapping
import re
import time
from typing import Any

LONGEST_SECONDS = 86400.0
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])", re.IGNORECASE)


class PublishedKeys:
    """The published keys as last fetched."""

    def __init__(self) -> None:
        """Start without keys."""
        self._published: Any = None
        self._fresh_until = 0.0

    @property
    def fresh(self) -> Any:
        """The keys while they need not be fetched again, else None."""
        return self._published if time.monotonic() < self._fresh_until else None

    def store(self, published: Any, headers: Mapping[str, str]) -> None:
        """Cache fetched keys for as long as Cache-Control says, at most a day."""
        max_age = _MAX_AGE.search(headers.get("Cache-Control", ""))
        seconds = min(float(max_age[1]), LONGEST_SECONDS) if max_age else 0.0
        self._published = published
        self._fresh_until = time.monotonic() + seconds
