"""Data flows in one direction, nothing imports in a circle, and the libraries are independent."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
import re

import pytest

ROOT = Path(__file__).parent.parent
INTEGRATION = "custom_components.tconnectsync"
LAYERS = (
    ("backoff", "http_request", "instants"),
    ("tandem",),
    ("therapy",),
    ("nightscout",),
    (
        "const",
        "user_permission",
        "account_names",
        "error_texts",
        "glucose_limits",
        "glucose_unit",
        "date_validators",
        "pinned_pump",
    ),
    ("background_job", "worker_thread", "storage", "statistics_series", "flows"),
    ("statistics_corrections",),
    ("statistics_import",),
    ("read", "occurrences"),
    ("forward", "statistics_update"),
    ("device", "issues"),
    ("coordinator",),
    ("follow_ups",),
    ("freshness",),
    ("runtime",),
    ("live_glucose", "loaded_account"),
    ("queries",),
    ("entity", "dashboard", "automations"),
    ("assist",),
    ("sensors", "services", "diagnostics", "system_health", "repairs"),
    (
        *("binary_sensor", "button", "calendar", "config_flow", "event", "sensor"),
        *("condition", "llm", "trigger"),
    ),
    ("__init__",),
)
"""Each layer may import from itself and from those above it, but not from those below it."""


def modules(folder: str) -> list[Path]:
    """Return the modules of a folder, which must not be empty, or a single module."""
    path = ROOT / folder
    found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    assert found
    return found


def imports(path: Path) -> Iterator[str]:
    """Return the full names of a module's imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def offenders(folder: str, *forbidden: str) -> list[str]:
    """Return the imports of a folder that its layer does not allow."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(folder)
        for name in imports(path)
        if any(name == other or name.startswith(f"{other}.") for other in forbidden)
    ]


@pytest.mark.parametrize(
    "part",
    [
        *("backoff.py", "http_request.py", "instants.py"),
        *("nightscout", "tandem", "therapy"),
    ],
)
def test_libraries_know_nothing_of_home_assistant(part: str) -> None:
    """tandem, therapy and nightscout do not import Home Assistant."""
    folder = f"custom_components/tconnectsync/{part}"
    assert offenders(folder, "homeassistant", "demo", "tests") == []


def test_therapy_knows_no_network() -> None:
    """The therapy package derives its results from events alone."""
    folder = "custom_components/tconnectsync/therapy"
    assert offenders(folder, "aiohttp", "socket", f"{INTEGRATION}.nightscout") == []


def test_tandem_comes_first() -> None:
    """The tandem package does not import the packages that use its events."""
    folder = "custom_components/tconnectsync/tandem"
    later = (f"{INTEGRATION}.therapy", f"{INTEGRATION}.nightscout")
    assert offenders(folder, *later) == []


def test_the_demo_judges_from_outside() -> None:
    """The simulators share no code with the integration that they check."""
    assert offenders("demo", "homeassistant", "custom_components", "tests") == []


def test_the_integration_never_leans_on_the_demo() -> None:
    """The installed integration works without the rest of the repository."""
    assert offenders("custom_components", "demo", "tests") == []


def module_name(path: Path) -> str:
    """Return the full name of a module; a package has the name of its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph(folder: str) -> dict[str, set[str]]:
    """Return the modules that each module of a folder imports, including imports for type checks."""
    known = {module_name(path): path for path in modules(folder)}
    return {
        module: {
            target
            for name in imports(path)
            if (target := name if name in known else name.rpartition(".")[0]) in known
        }
        for module, path in known.items()
    }


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other, directly or through others; an empty result if there are none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def upward(graph: dict[str, set[str]]) -> list[str]:
    """Return the imports of the integration that lead from a layer to a later one."""
    rank = {part: number for number, layer in enumerate(LAYERS) for part in layer}

    def rank_of(module: str) -> int:
        part = module.removeprefix(INTEGRATION).removeprefix(".").split(".")[0]
        return rank[part or "__init__"]

    return [
        f"{module} imports {target}"
        for module, targets in graph.items()
        for target in targets
        if rank_of(target) > rank_of(module)
    ]


@pytest.mark.parametrize("folder", ["custom_components/tconnectsync", "demo", "bench"])
def test_nothing_runs_in_circles(folder: str) -> None:
    """Every module can be read, tested and changed with only the modules that it imports."""
    assert circle(import_graph(folder)) == []


def test_a_circle_would_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check also finds circles through packages, relative imports and type-checking imports."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    package = tmp_path / "product"
    (package / "parts").mkdir(parents=True)
    (package / "__init__.py").write_text("from .first import one")
    (package / "first.py").write_text("from .parts import two")
    (package / "parts/__init__.py").write_text("from .second import two")
    (package / "parts/second.py").write_text("from typing import TYPE_CHECKING")
    assert circle(import_graph("product")) == []
    with (package / "parts/second.py").open("a") as second:
        second.write("\nif TYPE_CHECKING:\n    from product.first import one")
    assert set(circle(import_graph("product"))) == {
        "product.first",
        "product.parts",
        "product.parts.second",
    }


def test_nothing_looks_upwards() -> None:
    """No module imports from a layer that comes after its own in the data flow."""
    assert upward(import_graph("custom_components/tconnectsync")) == []


def test_looking_upwards_would_be_found() -> None:
    """The check finds an import of the coordinator by an earlier layer."""
    part, coordinator = f"{INTEGRATION}.forward.backfill", f"{INTEGRATION}.coordinator"
    assert upward({part: {coordinator}}) == [f"{part} imports {coordinator}"]
    assert upward({coordinator: {part}}) == []


SCRIPTS = "custom_components/tconnectsync/dashboard/frontend"
SCRIPT_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"'?]+)""")


def script_graph(folder: str) -> dict[str, set[str]]:
    """Return the scripts that each script of a folder imports, directly or on demand."""
    root = (ROOT / folder).resolve()
    scripts = sorted(root.rglob("*.js"))
    assert scripts
    return {
        path.relative_to(root).as_posix(): {
            (path.parent / name).resolve().relative_to(root).as_posix()
            for name in SCRIPT_IMPORT.findall(path.read_text())
        }
        for path in scripts
    }


def test_no_scripts_run_in_circles() -> None:
    """No scripts import each other in a circle, even on demand, and every imported name exists."""
    graph = script_graph(SCRIPTS)
    assert circle(graph) == []
    assert set().union(*graph.values()) <= graph.keys()


def test_a_circle_of_scripts_would_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check also finds circles through other folders, multi-line imports and imports on demand."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "parts").mkdir()
    (tmp_path / "first.js").write_text('import {\n  two,\n} from "./parts/two.js";')
    (tmp_path / "parts/two.js").write_text(
        'export * from "./three.js"; import "./four.js";'
    )
    (tmp_path / "parts/three.js").write_text("export const three = 3;")
    (tmp_path / "parts/four.js").write_text("export const four = 4;")
    assert circle(script_graph(".")) == []
    with (tmp_path / "parts/four.js").open("a") as four:
        four.write('const later = () => load(() => import("../first.js"));')
    assert set(circle(script_graph("."))) == {
        "first.js",
        "parts/two.js",
        "parts/four.js",
    }
