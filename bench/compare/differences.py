"""The list of known differences, and the differences that were found."""

from collections import Counter
from dataclasses import dataclass, field
import json
from typing import Literal, TypedDict

from bench.places import ROOT

LIST = ROOT / "bench" / "differences.json"
PAGE = ROOT / "docs" / "differences.md"

type Aspect = Literal["presence", "type", "time", "amount"]


class Known(TypedDict):
    """The reason and the kind of a difference; what, tconnectsync and here are sentences."""

    name: str
    aspect: Aspect
    tconnectsync: str
    here: str
    why: str


@dataclass(slots=True)
class Found:
    """Differences by the name of their explanation, and unexplained ones."""

    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    def note(self, name: str, times: int = 1) -> None:
        """Count a difference that has a name in the list."""
        self.explained[name] += times

    def wrong(self, what: str) -> None:
        """Keep a difference that nothing explains."""
        self.unexplained.append(what)

    def require(self, condition: bool, name: str, what: object) -> None:
        """Count a difference if its claim holds, or else store it as unexplained."""
        if condition:
            self.note(name)
        else:
            self.wrong(f"not “{name}”: {what}")

    def add(self, other: Found) -> None:
        """Add the differences of another comparison."""
        self.explained += other.explained
        self.unexplained += other.unexplained


def known() -> dict[str, Known]:
    """Return the list by name."""
    listed: list[Known] = json.loads(LIST.read_text(encoding="utf-8"))
    return {one["name"]: one for one in listed}


def page() -> str:
    """Return the list as a page to read."""
    lines = [
        "# Where this integration and tconnectsync differ",
        "",
        "`scripts/compare` runs the same events through both and fails on any difference",
        "in amount, time, type or presence that is not named here. This page is made from",
        "`bench/differences.json` by `scripts/compare --write-page`.",
        "",
    ]
    for one in known().values():
        lines += [
            f"## {one['name']} ({one['aspect']})",
            "",
            f"- tconnectsync: {one['tconnectsync']}",
            f"- Here: {one['here']}",
            f"- Why: {one['why']}",
            "",
        ]
    return "\n".join(lines)


def wrong_in_list(found: Found, *, complete: bool) -> list[str]:
    """Return the errors of the list itself, after all or some comparisons."""
    listed = known().keys()
    wrong = [f"not in the list: {name}" for name in found.explained.keys() - listed]
    if complete:
        wrong += [f"never seen: {name}" for name in listed - found.explained.keys()]
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        wrong.append("docs/differences.md is out of date: scripts/compare --write-page")
    return wrong
