"""What goes wrong with single requests while all three run, and how often it did."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from demo.faults import Faults, RequestFault

GATEWAY = "<html><body><h1>Bad Gateway</h1></body></html>"
BLOCKED = "<html><body><h2>The request is blocked.</h2></body></html>"
PORTAL = "<html><body><form>Please sign in to the network.</form></body></html>"
LOGS, PUMPER, DATA = "/pump-logs/", "/pumper/", "/api/reports/"
TOKEN = "/connect/token"
SURE = "sure"
"""Marks a fault that stays in force until a request has met it."""

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
    {"path": LOGS, "status": 429, "headers": {"Retry-After": "2"}},
    {"path": PUMPER, "status": 502, "body": GATEWAY},
    {"path": PUMPER, "status": 200, "body": PORTAL},
    {"path": PUMPER, "cut": 10},
    {"path": TOKEN, "status": 503},
    {"path": TOKEN, "status": 200, "body": PORTAL},
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
        for status, body in ((200, PORTAL), (403, BLOCKED), (502, GATEWAY))
    ),
    {"status": 429},
    {"delay": 2},
)


def some_fault(chance: Random, kinds: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Return one of the faults, which starts now or some requests later."""
    return {
        "times": chance.randrange(1, 4),
        "skip": chance.randrange(6),
    } | chance.choice(kinds)


def sure(wish: dict[str, Any]) -> dict[str, Any]:
    """Return a fault that stays in force until a request has met it."""
    return {"times": 1} | wish | {SURE: True}


def name(fault: dict[str, Any]) -> str:
    """Return the identity of a fault: its requests and its kind."""
    about = fault.get("method") or fault.get("path")
    page = "a page" if "<html>" in fault.get("body", "") else ""
    return ", ".join(filter(None, (about, kind(fault), page)))


def kind(fault: dict[str, Any]) -> str:
    """Return a fault in a word."""
    if fault.get("carried_out"):
        return "done, but the answer lost"
    ways = {
        "cut": "cut off",
        "truncate": "cut short",
        "delay": "slow",
        "trickle": "in small pieces",
    }
    if way := next((ways[key] for key in fault if key in ways), None):
        return way
    return "another answer" if fault["status"] == 200 else f"{fault['status']}"


class Given[AnyFault: RequestFault]:
    """The faults that a service was given, and how many requests met them."""

    def __init__(self, faults: Faults[AnyFault], make: Callable[..., AnyFault]) -> None:
        """Activate the described faults."""
        self._faults = faults
        self._make = make
        self._given: list[tuple[dict[str, Any], AnyFault]] = []

    def fail(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Put a fault in force."""
        fields = {key: value for key, value in wish.items() if key != SURE}
        self._given.append((wish, self._faults.add(self._make(**fields))))
        return {}

    def heal(self, wish: dict[str, Any]) -> dict[str, Any]:
        """End all faults but those that are still to be met, unless all are to end."""
        waiting = [] if wish.get("all") else [fault for _, fault in self._waiting()]
        self._faults.rules[:] = waiting
        return {}

    def counted(self) -> dict[str, Any]:
        """Return how many requests met faults, by name, and the faults that are still to be met."""
        met: Counter[str] = Counter()
        for wish, fault in self._given:
            met[name(wish)] += wish["times"] - (fault.times or 0)
        return {"met": +met, "waiting": [wish for wish, _ in self._waiting()]}

    def _waiting(self) -> list[tuple[dict[str, Any], AnyFault]]:
        return [
            (wish, fault)
            for wish, fault in self._given
            if wish.get(SURE) and fault.times == wish["times"]
        ]
