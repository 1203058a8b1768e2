"""Running the repository's own scripts."""

from pathlib import Path
import subprocess


def run_script(
    checkout: Path, name: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of scripts/ in a checkout, as a person or a workflow would."""
    return subprocess.run(
        [f"scripts/{name}", *arguments],
        cwd=checkout,
        check=False,
        capture_output=True,
        text=True,
    )
