"""Measure how long a program blocks its event loop: the longest time one callback takes."""

from asyncio import Handle
import gc
from threading import get_ident
from time import perf_counter, thread_time
from typing import Any

EVERYTHING = 2
"""The generation in which Python looks through all objects of the process."""


class LoopWatch:
    """Times every callback of every event loop in this process."""

    def __init__(self) -> None:
        """Begin to watch."""
        self.longest = 0.0
        """Seconds of real time, including those taken by other processes and threads."""
        self.longest_own = 0.0
        """Seconds of processor time."""
        self.collections = 0
        """The number of full garbage collections, which are left out of both."""
        self.longest_collection = 0.0
        """Seconds."""
        self._thread = get_ident()
        self._collecting = self._collecting_own = self._began = 0.0
        gc.callbacks.append(self._collect)
        run: Any = Handle._run  # noqa: SLF001 - the one place all callbacks pass

        def timed(handle: Handle) -> None:
            self._collecting = self._collecting_own = 0.0
            own, wall = thread_time(), perf_counter()
            run(handle)
            wall += self._collecting
            own += self._collecting_own
            self.longest = max(self.longest, perf_counter() - wall)
            self.longest_own = max(self.longest_own, thread_time() - own)

        Handle._run = timed  # type: ignore[assignment,method-assign]  # noqa: SLF001 - the one place all callbacks pass

    def begin(self) -> None:
        """Start over."""
        self.longest = self.longest_own = self.longest_collection = 0.0
        self.collections = 0

    def _collect(self, phase: str, about: dict[str, int]) -> None:
        """Measure the garbage collections of the complete process, in any callback."""
        if about["generation"] != EVERYTHING:
            return
        if phase == "start":
            self._began = perf_counter()
            return
        took = perf_counter() - self._began
        self.collections += 1
        self.longest_collection = max(self.longest_collection, took)
        self._collecting += took
        if get_ident() == self._thread:
            self._collecting_own += took
