"""How long a program holds its event loop: the longest time one callback takes."""

from asyncio import Handle
from time import perf_counter, thread_time
from typing import Any


class LoopWatch:
    """Times every callback of every event loop in this process."""

    def __init__(self) -> None:
        """Begin to watch."""
        self.longest = 0.0
        """Seconds by the clock on the wall, what other processes and threads took included."""
        self.longest_own = 0.0
        """Seconds of processor time."""
        run: Any = Handle._run  # noqa: SLF001 - the one place all callbacks pass

        def timed(handle: Handle) -> None:
            own, wall = thread_time(), perf_counter()
            run(handle)
            self.longest = max(self.longest, perf_counter() - wall)
            self.longest_own = max(self.longest_own, thread_time() - own)

        Handle._run = timed  # type: ignore[assignment,method-assign]  # noqa: SLF001 - the one place all callbacks pass

    def begin(self) -> None:
        """Forget what was."""
        self.longest = self.longest_own = 0.0
