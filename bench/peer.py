"""Run tconnectsync from PyPI, unmodified, and measure it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
import json
import os
from pathlib import Path
import subprocess
from threading import Timer
from time import perf_counter
from typing import IO, Any

from . import process
from .person import EMAIL, PASSWORD, REGION, SECRET, ZONE
from .places import PEER, PEER_PYTHON, ROOT
from .tconnectsync import environment

SLEEP = 5
"""Seconds between its polls here, instead of five minutes; its connections do not last anyway."""
ASLEEP = "Sleeping"


class PeerError(Exception):
    """The program failed; the text is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The program with its settings."""

    home: Path
    authority: str
    tandem_port: int
    nightscout_url: str

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **environment(
                home=self.home,
                authority=self.authority,
                tandem_port=self.tandem_port,
                email=EMAIL,
                password=PASSWORD,
                region=REGION,
                time_zone=ZONE,
                nightscout_url=self.nightscout_url,
                nightscout_secret=SECRET,
            ),
            "AUTOUPDATE_USE_FIXED_SLEEP": "true",
            "AUTOUPDATE_DEFAULT_SLEEP_SECONDS": str(SLEEP),
            "AUTOUPDATE_UNEXPECTED_NO_INDEX_SLEEP_SECONDS": str(SLEEP),
        }

    @contextmanager
    def running(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """Run it with options, no longer than the context lasts."""
        program = subprocess.Popen(
            [PEER, *options],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield program
        finally:
            if program.returncode is None:
                program.kill()
                program.wait()

    def build(self, events: Path, features: Iterable[str]) -> dict[str, Any]:
        """Have the events of a file decoded and documents built of them, and nothing else."""
        script = ROOT / "bench" / "building_peer.py"
        done = subprocess.run(
            [PEER_PYTHON, "-P", script, events, *features],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        measured: dict[str, Any] = json.loads(done.stdout)
        return measured

    def sync(
        self, first: date, last: date, *options: str, seconds: float = 600
    ) -> dict[str, Any]:
        """Sync some days, cut off after some seconds, and measure that."""
        dates = ("--start-date", first.isoformat(), "--end-date", last.isoformat())
        before = perf_counter()
        with self.running(*dates, *options) as program:
            limit = Timer(seconds, program.terminate)
            limit.start()
            lines = _output(program).readlines()
            _, status, used = os.wait4(program.pid, 0)
            program.returncode = os.waitstatus_to_exitcode(status)
            wall = perf_counter() - before
            cut_off = not limit.is_alive()
            limit.cancel()
        if not cut_off and "Traceback (most recent call last):\n" in lines:
            raise PeerError("".join(lines[-5:]))
        return {
            "wall": wall,
            "processor": used.ru_utime + used.ru_stime,
            "memory": used.ru_maxrss * 1024,
            "cut off": cut_off,
        }


class PeerPolls:
    """The program as it runs all the time, asking for new data every few seconds."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        """Watch a program that was started to go on by itself."""
        self._program = program
        self._asleep_since = 0.0
        self._processor = 0.0

    def poll(self) -> dict[str, Any]:
        """Wait for the end of its next poll and measure that."""
        for line in _output(self._program):
            if ASLEEP not in line:
                continue
            now = perf_counter()
            processor = process.processor_seconds(self._program.pid)
            measured = {
                "wall": now - self._asleep_since - SLEEP,
                "processor": processor - self._processor,
                "memory": process.peak_memory(self._program.pid),
            }
            self._asleep_since, self._processor = now, processor
            return measured
        raise PeerError("it ended by itself")


@contextmanager
def polling(peer: Peer) -> Iterator[PeerPolls]:
    """Let the program run all the time; return after its first poll."""
    with peer.running("--auto-update") as program:
        polls = PeerPolls(program)
        polls.poll()
        yield polls


def _output(program: subprocess.Popen[str]) -> IO[str]:
    assert program.stdout is not None
    return program.stdout
