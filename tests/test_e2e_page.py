"""docs/e2e.md lists all steps and screenshots of the browser tests."""

import ast
from pathlib import Path
import re

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
PAGE = (ROOT / "docs" / "e2e.md").read_text()
JOURNEY = (ROOT / "tests" / "e2e" / "test_journey.py").read_text()
TAKEN = re.findall(r'camera\.take\(\w+, "([\w-]+)"\)', JOURNEY)
MOST_BYTES = 150_000


def test_it_lists_every_step() -> None:
    """The page lists every step in order, in the words of the tests."""
    steps = [
        ast.get_docstring(step)
        for step in ast.parse(JOURNEY).body
        if isinstance(step, ast.AsyncFunctionDef) and step.name.startswith("test_")
    ]
    assert re.findall(r"^\d+\. (.+)$", PAGE, re.MULTILINE) == steps


def test_it_shows_every_picture() -> None:
    """The page shows every screenshot in the order in which they are taken."""
    assert re.findall(r"\]\(images/([\w-]+)\.png\)", PAGE) == TAKEN


def test_every_picture_is_taken_by_the_run() -> None:
    """The browser tests take every screenshot again, and no file is too large."""
    assert {path.stem for path in IMAGES.iterdir()} == set(TAKEN)
    assert [path for path in IMAGES.iterdir() if path.stat().st_size > MOST_BYTES] == []
