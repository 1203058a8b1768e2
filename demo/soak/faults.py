"""Choose what goes wrong with single requests while all three run."""

from collections import Counter
from random import Random
from typing import Any

from demo.nightscout.faults import Fault as NightscoutFault
from demo.tandem import Fault as TandemFault

GATEWAY = "<html><body><h1>Bad Gateway</h1></body></html>"
BLOCKED = "<html><body><h2>The request is blocked.</h2></body></html>"
LOGS, DATA = "/pump-logs/", "/api/reports/"

TANDEM: tuple[dict[str, Any], ...] = (
    {"path": LOGS, "status": 500},
    {"path": LOGS, "status": 503, "body": GATEWAY},
    {"path": LOGS, "status": 403, "body": BLOCKED},
    {"path": LOGS, "status": 404},
    {"path": LOGS, "status": 200, "body": GATEWAY},
    {"path": LOGS, "truncate": 5000},
    {"path": LOGS, "cut": 5000},
    {"path": LOGS, "delay": 2},
    {"path": LOGS, "trickle": 0.1},
    {"path": DATA, "status": 401},
    {"path": "/pumper/", "status": 502, "body": GATEWAY},
    {"path": "/pumper/", "cut": 10},
    {"path": "/connect/token", "status": 503},
)
NIGHTSCOUT: tuple[dict[str, Any], ...] = (
    {"cut": True},
    {"cut": True, "carried_out": True},
    {"method": "POST", "cut": True, "carried_out": True},
    {"method": "POST", "status": 503, "carried_out": True, "body": GATEWAY},
    {"method": "POST", "status": 413, "body": GATEWAY},
    {"method": "POST", "status": 500, "times": 4},
    {
        "method": "GET",
        "status": 200,
        "body": "null",
        "content_type": "application/json",
    },
    {"method": "DELETE", "cut": True, "carried_out": True},
    {"method": "DELETE", "status": 504, "body": GATEWAY},
    *(
        {"method": method, "status": status, "body": body}
        for method in ("GET", "POST", "DELETE")
        for status, body in ((403, BLOCKED), (502, GATEWAY))
    ),
    {"status": 429},
    {"delay": 2},
)


def some_fault(chance: Random, kinds: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Return one of them, which begins now or some requests later."""
    return {
        "times": chance.randrange(1, 4),
        "skip": chance.randrange(6),
    } | chance.choice(kinds)


def kind(fault: dict[str, Any]) -> str:
    """Say in a word what a fault is."""
    if fault.get("carried_out"):
        return "done, but the answer lost"
    if fault.keys() & {"cut", "truncate"}:
        return "cut off"
    if fault.keys() & {"delay", "trickle"}:
        return "slow"
    return "another answer" if fault["status"] == 200 else f"{fault['status']}"


class Met:
    """How many requests met the faults that a service was given."""

    def __init__(self) -> None:
        """Begin without any."""
        self._told: list[tuple[dict[str, Any], TandemFault | NightscoutFault]] = []

    def note(self, wish: dict[str, Any], fault: TandemFault | NightscoutFault) -> None:
        """Remember a fault, which counts down the times that are left of it."""
        self._told.append((wish, fault))

    def kinds(self) -> Counter[str]:
        """Return how many requests met faults of each kind."""
        met: Counter[str] = Counter()
        for wish, fault in self._told:
            met[kind(wish)] += wish["times"] - (fault.times or 0)
        return +met
