"""Changes the public repository's address, and the code owner with it, wherever they are named."""

import json
from pathlib import Path
import re
import subprocess
import sys

MANIFEST = Path("custom_components/tconnectsync/manifest.json")
SITE = "https://github.com/"
PICTURES = {".ico", ".png", ".woff2"}
NAMES = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+)")


def replaced(
    text: str, old: tuple[str, str], new: tuple[str, str], *, is_manifest: bool
) -> str:
    """Return a text with another owner and name of the repository."""
    for form in (
        "github.com/{}/{}",
        "github.com%2F{}%2F{}",
        "owner={}&repository={}",
    ):
        pattern = re.escape(form.format(*old)) + r"(?![\w-])"
        text = re.sub(pattern, form.format(*new), text)
    if is_manifest:
        text = text.replace(f'"@{old[0]}"', f'"@{new[0]}"')
    return text


def main(arguments: list[str]) -> int:
    """Change the files of the folder this is run in, and name them."""
    if len(arguments) != 1 or not (given := NAMES.fullmatch(arguments[0])):
        print("Use: scripts/set-repository OWNER/NAME", file=sys.stderr)
        return 2
    new = given[1], given[2]
    documentation: str = json.loads(MANIFEST.read_text())["documentation"]
    owner, _, name = documentation.removeprefix(SITE).partition("/")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    for path in map(Path, filter(None, listed.stdout.split("\0"))):
        if path.suffix in PICTURES or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        changed = replaced(text, (owner, name), new, is_manifest=path == MANIFEST)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
