"""Pauses between an error and the next request to Tandem."""

import time

from .errors import TandemError

SHORTEST_RETRY_AFTER = 60.0
"""Seconds, where Tandem itself asks for a pause."""
FIRST_PAUSE = 60
"""Seconds after a failed sign-in; doubled by each further failure."""
LONGEST_PAUSE = 3600


class Pause:
    """The last error that names a time to wait; it is raised again until that time is over."""

    def __init__(self) -> None:
        """Start without a pause."""
        self._error: TandemError | None = None
        self._until = 0.0

    @property
    def left(self) -> float:
        """The seconds left, 0 when it is over."""
        return max(self._until - time.monotonic(), 0.0)

    def start(self, error: TandemError) -> None:
        """Start a pause for as long as the error says, if it says so."""
        if error.retry_after is not None:
            self._error = error.again()
            self._until = time.monotonic() + error.retry_after

    def raise_if_active(self) -> None:
        """Raise the error again, with the seconds left, instead of sending a request too soon."""
        if self._error is not None and (left := self.left):
            raise self._error.again(left)

    def clear(self) -> None:
        """Allow requests before the time is over."""
        self._until = 0.0
