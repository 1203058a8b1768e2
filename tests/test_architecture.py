"""Data flows one way, and each library room could be lifted out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INTEGRATION = "custom_components.tconnectsync"


def modules(folder: str) -> list[Path]:
    """Modules of a folder, of which there is at least one."""
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def offenders(folder: str, *forbidden: str) -> list[str]:
    """Imports of a folder that lead where it must not look."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(folder)
        for name in imports(path)
        if any(name == room or name.startswith(f"{room}.") for room in forbidden)
    ]


@pytest.mark.parametrize("room", ["nightscout", "tandem", "therapy"])
def test_library_rooms_know_nothing_of_home_assistant(room: str) -> None:
    """tandem, therapy and nightscout could be libraries of their own."""
    folder = f"custom_components/tconnectsync/{room}"
    assert offenders(folder, "homeassistant", "demo", "tests") == []


def test_therapy_knows_no_network() -> None:
    """What happened is derived from events alone."""
    folder = "custom_components/tconnectsync/therapy"
    assert offenders(folder, "aiohttp", "socket", f"{INTEGRATION}.nightscout") == []


def test_tandem_comes_first() -> None:
    """Reading knows nothing of what is made of it."""
    folder = "custom_components/tconnectsync/tandem"
    later = (f"{INTEGRATION}.therapy", f"{INTEGRATION}.nightscout")
    assert offenders(folder, *later) == []


def test_the_demo_judges_from_outside() -> None:
    """The simulators share no code with what they test."""
    assert offenders("demo", "homeassistant", "custom_components", "tests") == []


def test_the_integration_never_leans_on_the_demo() -> None:
    """What users install works without the rest of the repository."""
    assert offenders("custom_components", "demo", "tests") == []
