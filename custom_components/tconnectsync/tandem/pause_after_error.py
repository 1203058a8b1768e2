"""How long Tandem is left alone after an error."""

import time

from .errors import TandemError

SHORTEST_RETRY_AFTER = 60.0
"""Seconds, where Tandem itself asks to be left alone."""
FIRST_PAUSE = 60
"""Seconds after a sign-in that failed; twice as long after each more."""
LONGEST_PAUSE = 3600


class Pause:
    """The last error that asked to be left alone, raised again until its time is over."""

    def __init__(self) -> None:
        """Begin without one."""
        self._error: TandemError | None = None
        self._until = 0.0

    @property
    def left(self) -> float:
        """The seconds that are left of it, 0 when it is over."""
        return max(self._until - time.monotonic(), 0.0)

    def start(self, error: TandemError) -> None:
        """Leave Tandem alone for as long as an error says, if it says so."""
        if error.retry_after is not None:
            self._error = error.again()
            self._until = time.monotonic() + error.retry_after

    def raise_if_active(self) -> None:
        """Raise the error again, with what is left of its time, instead of asking too soon."""
        if self._error is not None and (left := self.left):
            raise self._error.again(left)

    def clear(self) -> None:
        """Let Tandem be asked before the time is over."""
        self._until = 0.0
