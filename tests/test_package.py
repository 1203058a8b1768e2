"""A release contains the files that HACS installs, and needs a tag that matches the version."""

import json
from pathlib import Path
import shutil
import subprocess
from zipfile import ZipFile

import pytest

from .scripts import run_script
from .test_repository import INTEGRATION, ROOT, load

VERSION: str = load(INTEGRATION / "manifest.json")["version"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small repository with the script, a manifest, and an untracked file."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "package", tmp_path / "scripts" / "package")
    integration = tmp_path / "custom_components" / "tconnectsync"
    (integration / "tandem").mkdir(parents=True)
    (integration / "manifest.json").write_text(json.dumps({"version": VERSION}))
    (integration / "tandem" / "__init__.py").write_text("")
    for command in (
        ("init", "--quiet"),
        ("add", "."),
        (
            *("-c", "user.name=Ada", "-c", "user.email=ada@example.org"),
            *("commit", "--quiet", "--message", "Begin"),
        ),
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (integration / "leftover.log").write_text("mine")
    return tmp_path


def package(checkout: Path, *tag: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the workflow does."""
    return run_script(checkout, "package", *tag)


@pytest.mark.parametrize("tag", [VERSION, f"v{VERSION}"])
def test_what_is_packed_lies_at_the_top(checkout: Path, tag: str) -> None:
    """Files are at the top of the archive, where HACS expects them, without untracked ones."""
    assert package(checkout, tag).returncode == 0
    with ZipFile(checkout / load(ROOT / "hacs.json")["filename"]) as packed:
        names = {name for name in packed.namelist() if not name.endswith("/")}
    assert names == {"manifest.json", "tandem/__init__.py"}


@pytest.mark.parametrize("tag", ["v0.0.1", "main", ""])
def test_another_tag_is_refused(checkout: Path, tag: str) -> None:
    """A tag that differs from the manifest's version is refused."""
    refused = package(checkout, tag)
    assert refused.returncode == 1
    assert VERSION in refused.stderr
    assert not (checkout / "tconnectsync.zip").exists()


def test_hacs_takes_the_packed_release() -> None:
    """hacs.json names the file that the workflow attaches."""
    hacs = load(ROOT / "hacs.json")
    assert hacs["zip_release"] is True
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert f'"$TAG" {hacs["filename"]}' in workflow
