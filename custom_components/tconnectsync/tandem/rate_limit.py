"""The rate of requests for pages of a log."""

from collections.abc import Awaitable, Callable
import math
import time

PAGES_AT_ONCE = 12
"""Pages in a row without a pause: four weeks, which a person waits for; other clients never pause."""
REST_SECONDS = 5.0
"""Seconds without a request that allow one more page without a pause."""
PAUSE_SECONDS = 0.5
"""Seconds between a response and the next request once those pages are used up."""


class RateLimit:
    """A token bucket: a short read runs without pauses; a long one, or one with failures, runs slowly."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Start with a full bucket; `sleep` waits for seconds."""
        self._sleep = sleep
        self._at_once = 0.0
        self._resting_since = -math.inf

    async def wait(self) -> None:
        """Wait until the next page may be requested."""
        rested = max(time.monotonic() - self._resting_since, 0.0)  # a clock may go back
        self._at_once = min(self._at_once + rested / REST_SECONDS, PAGES_AT_ONCE)
        if self._at_once >= 1:
            self._at_once -= 1
        elif rested < PAUSE_SECONDS:
            await self._sleep(PAUSE_SECONDS - rested)

    def note_response(self, *, ok: bool) -> None:
        """Note that a request ended; after a failure no page follows without a pause."""
        self._resting_since = time.monotonic()
        if not ok:
            self._at_once = 0.0
