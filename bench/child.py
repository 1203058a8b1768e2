"""Ask another process for things, a line of JSON each way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import json
import os
import subprocess
import sys
from typing import Any

from .places import ROOT

type Answering = Callable[..., Awaitable[Any]]


class ChildError(Exception):
    """The other process failed; the text is its own."""


class Child:
    """A module of this repository running in a separate process."""

    def __init__(
        self, module: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it; its error output goes to that of this process."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what: str, **details: Any) -> Any:
        """Have something done and return its answer; raises ChildError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(
            json.dumps({"what": what, **details}), file=self._process.stdin, flush=True
        )
        line = self._process.stdout.readline()
        if not line:
            raise ChildError(f"{what}: it ended with {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise ChildError(f"{what}: {answer['error']}")
        return answer["answer"]

    def stop(self) -> None:
        """Let it end, by force after half a minute."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


async def answer_all(known: Mapping[str, Answering]) -> None:
    """Answer requests on standard input until it ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        try:
            answer = {"answer": await known[asked.pop("what")](**asked)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the one who asked is answered
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)
