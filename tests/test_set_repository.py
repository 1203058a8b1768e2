"""One command changes the repository's address and code owner everywhere."""

import json
from pathlib import Path
import subprocess

import pytest

from .scripts import run_script
from .test_repository import ROOT, text_files

HERE = "https://github.com/"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository's text files."""
    for name, text in text_files():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    script = tmp_path / "scripts" / "set-repository"
    script.chmod(0o755)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def change(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    return run_script(checkout, "set-repository", *arguments)


def manifest(checkout: Path) -> dict[str, object]:
    """Read the manifest."""
    read: dict[str, object] = json.loads(
        (checkout / "custom_components/tconnectsync/manifest.json").read_text()
    )
    return read


def texts(checkout: Path) -> dict[str, str]:
    """Read all files except git's own."""
    return {
        name.as_posix(): path.read_text()
        for path in checkout.rglob("*")
        if path.is_file() and (name := path.relative_to(checkout)).parts[0] != ".git"
    }


def test_everything_names_the_new_place(checkout: Path) -> None:
    """The manifest, README, blueprints and tests use the new address."""
    old = str(manifest(ROOT)["documentation"]).removeprefix(HERE)
    assert change(checkout, "ada-l/Pump_2.0").returncode == 0
    changed = manifest(checkout)
    assert changed["documentation"] == f"{HERE}ada-l/Pump_2.0"
    assert changed["issue_tracker"] == f"{HERE}ada-l/Pump_2.0/issues"
    assert changed["codeowners"] == ["@ada-l"]
    assert changed["domain"] == "tconnectsync"
    readme = (checkout / "README.md").read_text()
    assert "owner=ada-l&repository=Pump_2.0&category" in readme
    assert "github.com%2Fada-l%2FPump_2.0%2Fblob" in readme
    for path in (checkout / "blueprints").rglob("*.yaml"):
        assert (
            f"source_url: {HERE}ada-l/Pump_2.0/blob/main/blueprints/"
            in path.read_text()
        )
    left = {
        name
        for name, text in texts(checkout).items()
        if f"github.com/{old}" in text or old.replace("/", "%2F") in text
    }
    assert left == set()


def test_there_and_back_again_changes_nothing(checkout: Path) -> None:
    """The command can be reverted, and has nothing to do when repeated."""
    old = str(manifest(ROOT)["documentation"]).removeprefix(HERE)
    before = texts(checkout)
    assert change(checkout, "somebody/something").stdout
    assert change(checkout, "somebody/something").stdout == ""
    assert change(checkout, old).stdout
    assert texts(checkout) == before


@pytest.mark.parametrize(
    "given", [(), ("name",), ("https://github.com/a/b",), ("a/b", "c"), ("a/b c",)]
)
def test_other_words_are_refused(checkout: Path, given: tuple[str, ...]) -> None:
    """Arguments other than an owner and a name are refused."""
    refused = change(checkout, *given)
    assert refused.returncode == 2
    assert "OWNER/NAME" in refused.stderr
