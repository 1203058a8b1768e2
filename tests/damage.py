"""Damage to JSON, as disks, users and other programs cause it."""

from copy import deepcopy
from random import Random
from typing import Any

OTHERS: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    7,
    2**63,
    0.5,
    "",
    "nonsense",
    "0001-01-01",
    "2026-05-14",
    "2026-05-14T12:00:00",
    "9999-12-31T23:59:59+00:00",
    [],
    {},
    [7],
    {"checksum": 0, "state": None},
)
"""Values that may replace another one."""

type Place = tuple[Any, ...]


def places(content: Any) -> list[Place]:
    """Return the paths of all values, as tuples of keys and indexes."""
    match content:
        case dict():
            parts = list(content.items())
        case list():
            parts = list(enumerate(content))
        case _:
            parts = []
    return [(), *((key, *within) for key, part in parts for within in places(part))]


def damaged(content: Any, seed: int) -> Any:
    """Return content in which one value is lost, doubled, renamed or replaced."""
    random = Random(seed)
    whole = [deepcopy(content)]
    place = (0, *random.choice(places(content)))
    holder: Any = whole
    for key in place[:-1]:
        holder = holder[key]
    key = place[-1]
    kinds = ["another", "sign", *(("lost", "moved") if holder is not whole else ())]
    match random.choice(kinds):
        case "another":
            holder[key] = deepcopy(random.choice(OTHERS))
        case "sign":
            holder[key] = _one_sign_else(holder[key], random)
        case "lost":
            del holder[key]
        case _ if isinstance(holder, dict):
            holder[f"{key}."] = holder.pop(key)
        case _:
            holder.insert(key, holder[key])
    return whole[0]


def _one_sign_else(value: Any, random: Random) -> Any:
    """Return a text or number with one character changed, and any other value as it is."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return value
    signs = list(str(abs(value)) if isinstance(value, int) else value)
    signs[random.randrange(len(signs))] = random.choice("0123456789")
    changed = "".join(signs)
    return int(changed) if isinstance(value, int) else changed
