"""Commands of a second terminal reach the running demo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.commands import UnknownCommandError
from demo.control import Control, NotRunningError, send

SOCKET = Path("control")


@pytest.fixture
async def asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[tuple[str, str]]]:
    """The commands that a running demo received."""
    monkeypatch.chdir(tmp_path)
    commands: list[tuple[str, str]] = []

    async def ask(command: str, argument: str) -> str:
        if argument == "boredom":
            raise UnknownCommandError("alarm boredom")
        commands.append((command, argument))
        return "Done."

    control = Control(SOCKET, ask)
    await control.start()
    yield commands
    await control.stop()
    assert not SOCKET.exists()


async def test_a_command_arrives_and_is_answered(asked: list[tuple[str, str]]) -> None:
    """A command typed in one terminal is carried out in the other."""
    assert await send(SOCKET, "alarm", "occlusion") == "Done."
    assert asked == [("alarm", "occlusion")]


async def test_what_the_pump_cannot_do_is_said(asked: list[tuple[str, str]]) -> None:
    """A command that makes no sense is answered with a sentence."""
    answer = await send(SOCKET, "alarm", "boredom")
    assert answer == "This cannot be done: alarm boredom"
    assert asked == []


async def test_a_killed_demo_is_not_in_the_way(asked: list[tuple[str, str]]) -> None:
    """The next demo reuses the place of the old socket."""

    async def ask(command: str, argument: str) -> str:
        return "New."

    control = Control(SOCKET, ask)
    await control.start()
    assert await send(SOCKET, "suspend", "") == "New."
    await control.stop()


@pytest.mark.parametrize("left_over", [False, True])
async def test_without_a_demo_it_says_so(tmp_path: Path, left_over: bool) -> None:
    """Without a demo the command fails, with or without a file in the socket's place."""
    socket = tmp_path / "control"
    if left_over:
        socket.touch()
    with pytest.raises(NotRunningError):
        await send(socket, "alarm", "occlusion")
