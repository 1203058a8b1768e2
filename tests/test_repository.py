"""The repository meets the expectations of HACS, Home Assistant and new contributors."""

import json
import os
from pathlib import Path
import re
import subprocess
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import pytest

from homeassistant.const import __version__ as tested_version

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "tconnectsync"
SCRIPTS = [
    ".ci/run",
    *sorted(
        f"scripts/{path.name}"
        for path in (ROOT / "scripts").iterdir()
        if path.is_file() and not path.suffix
    ),
]
HACS_KEYS = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "zip_release",
}
ONE_MACHINE = re.compile(r"(?:^|[^\w.])/(?:home|root|work|Users)/\w", re.MULTILINE)
REGISTRY = re.compile(r"https?://[^\s/]*(?:debian|pythonhosted|npmjs|pypi)\.")


def tracked() -> list[Path]:
    """Return all files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [
        path
        for name in listed.stdout.split("\0")
        if name and (path := ROOT / name).is_file()
    ]


def text_files() -> list[tuple[str, str]]:
    """Return the names and contents of all text files of the repository."""
    return [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in tracked()
        if path.suffix not in {".png", ".ico", ".woff2"}
    ]


def load(path: Path) -> dict[str, Any]:
    """Read a JSON file."""
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def test_hacs_accepts_the_repository() -> None:
    """hacs.json has only known keys, and HACS finds exactly one integration."""
    hacs = load(ROOT / "hacs.json")
    assert set(hacs) <= HACS_KEYS
    assert hacs["name"] == load(INTEGRATION / "manifest.json")["name"]
    folders = [path.parent for path in ROOT.glob("custom_components/*/manifest.json")]
    assert folders == [INTEGRATION]


def test_no_home_assistant_is_too_old() -> None:
    """The oldest supported version is a first release of a month, named in the README and tested."""
    oldest = AwesomeVersion(load(ROOT / "hacs.json")["homeassistant"])
    assert oldest.patch == 0
    readme = (ROOT / "README.md").read_text()
    assert f"Home Assistant {oldest.major}.{oldest.minor} or newer" in readme
    assert oldest <= AwesomeVersion(tested_version)
    assert "HOME_ASSISTANT: oldest" in (ROOT / ".github/workflows/test.yml").read_text()


def test_manifest_is_in_order() -> None:
    """The keys of the manifest are in Home Assistant's order, and the version is valid."""
    manifest = load(INTEGRATION / "manifest.json")
    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert manifest["domain"] == INTEGRATION.name
    assert AwesomeVersion(manifest["version"]).strategy is AwesomeVersionStrategy.SEMVER


def test_nothing_is_installed_with_the_integration() -> None:
    """The integration has no requirements beyond Home Assistant."""
    assert load(INTEGRATION / "manifest.json")["requirements"] == []


@pytest.mark.parametrize(
    "name", ["requirements_test.txt", "requirements_demo.txt", "requirements_e2e.txt"]
)
def test_requirements_are_pinned(name: str) -> None:
    """All requirements are pinned, so that every machine installs the same packages."""
    lines = (ROOT / name).read_text().split("\n")
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[\w-]+==[\w.]+", line)] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_can_be_run(name: str) -> None:
    """Each script is executable and has a shebang line."""
    script = ROOT / name
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/usr/bin/env bash\n# ")


def test_readme_names_both_commands() -> None:
    """The README names the commands to try and to test the integration."""
    readme = (ROOT / "README.md").read_text()
    assert "\n    scripts/demo\n" in readme
    assert "\n    scripts/test\n" in readme


def test_continuous_integration_runs_the_test_command() -> None:
    """The workflow runs the documented test command and nothing else."""
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec scripts/test"]


@pytest.mark.parametrize("pattern", [ONE_MACHINE, REGISTRY])
def test_nothing_is_bound_to_one_machine(pattern: re.Pattern[str]) -> None:
    """No file names a folder of one machine or the address of a package registry."""
    found = [name for name, text in text_files() if pattern.search(text)]
    assert found == []


def test_text_ends_cleanly() -> None:
    """Text files have no trailing spaces and end in a newline, except recorded fixtures."""
    found = [
        name
        for name, text in text_files()
        if text
        and not name.startswith("tests/fixtures/")
        and (not text.endswith("\n") or re.search(r"[ \t\r]$", text, re.MULTILINE))
    ]
    assert found == []


def test_json_files_can_be_read() -> None:
    """Every JSON file is valid."""
    for path in tracked():
        if path.suffix == ".json":
            json.loads(path.read_text())


def test_no_file_is_big() -> None:
    """No file is too large for a quick clone."""
    assert [path for path in tracked() if path.stat().st_size > 500_000] == []
