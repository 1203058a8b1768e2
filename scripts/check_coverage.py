"""Fails unless the tests reach more than 95 % of every module, and all of the config flow."""

import json
from pathlib import Path
import sys

ENOUGH = 95
COMPLETE = {"custom_components/tconnectsync/config_flow.py"}


def short(report: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Modules that the tests do not reach enough, each with its share in percent."""
    shares = {
        name: measured["summary"]["percent_covered"]
        for name, measured in report.items()
    }
    return [
        f"{name}: {share:.1f} %"
        for name, share in sorted(shares.items())
        if share < 100 and (name in COMPLETE or share <= ENOUGH)
    ]


def main(path: str) -> int:
    """Read coverage's report and say what is missing."""
    report = json.loads(Path(path).read_text())
    if missing := short(report["files"]):
        print(
            f"Not above {ENOUGH} %, or all of it for the config flow:",
            *missing,
            sep="\n  ",
        )
        return 1
    print(
        f"{len(report['files'])} modules, {report['totals']['percent_covered']:.1f} %"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
