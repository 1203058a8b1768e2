"""How long to wait before another try: twice as long each time, up to a limit."""


class Backoff:
    """Counts failures in a row, and tells how long to wait after each."""

    def __init__(self, first: float, longest: float) -> None:
        """Wait so many seconds after the first failure, and never longer than the longest."""
        self._first = first
        self._longest = longest
        self.failures = 0
        """How often it failed since it last went well."""

    def succeeded(self) -> None:
        """Begin anew."""
        self.failures = 0

    def failed(self, at_least: float | None = None) -> float:
        """Return how many seconds to wait now, no fewer than whoever was asked has named."""
        pause = self._first
        for _ in range(self.failures):
            pause = min(2 * pause, self._longest)
        self.failures += 1
        return max(pause, at_least or 0)
