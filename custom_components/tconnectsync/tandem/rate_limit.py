"""How soon Tandem is asked for another page of a log."""

from collections.abc import Awaitable, Callable
import math
import time

PAGES_AT_ONCE = 12
"""So many may follow one another without a pause: four weeks, for which somebody waits; other clients never pause."""
REST_SECONDS = 5.0
"""In which Tandem is not asked, for each page more that may."""
PAUSE_SECONDS = 0.5
"""Between an answer and the next request once these pages are used up."""


class RateLimit:
    """A token bucket: a short read goes on without pauses, a long one slowly, and so does one that fails."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Begin well rested; sleep passes seconds."""
        self._sleep = sleep
        self._at_once = 0.0
        self._resting_since = -math.inf

    async def wait(self) -> None:
        """Return when the next page may be asked for."""
        rested = max(time.monotonic() - self._resting_since, 0.0)  # a clock may go back
        self._at_once = min(self._at_once + rested / REST_SECONDS, PAGES_AT_ONCE)
        if self._at_once >= 1:
            self._at_once -= 1
        elif rested < PAUSE_SECONDS:
            await self._sleep(PAUSE_SECONDS - rested)

    def answered(self, *, well: bool) -> None:
        """Rest from now on; after anything but a good answer no page follows at once."""
        self._resting_since = time.monotonic()
        if not well:
            self._at_once = 0.0
