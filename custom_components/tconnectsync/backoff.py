"""The delay before another attempt: twice as long each time, up to a limit."""


class Backoff:
    """Counts failures in a row, and returns the delay after each."""

    def __init__(self, first: float, longest: float) -> None:
        """Take the delay after the first failure and the longest delay, in seconds."""
        self._first = first
        self._longest = longest
        self.failures = 0
        """Number of failures since the last success."""

    def reset(self) -> None:
        """Start over after a success."""
        self.failures = 0

    def next_delay(self, at_least: float | None = None) -> float:
        """Count a failure and return the delay in seconds, no shorter than the server asked for."""
        pause = self._first
        for _ in range(self.failures):
            pause = min(2 * pause, self._longest)
        self.failures += 1
        return max(pause, at_least or 0)
