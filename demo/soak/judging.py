"""Compare the results of both lives, and search logs for secrets."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import quote

from demo.home_assistant import Api

from .month import BIRTHDAY, EMAIL, FIRST_NAME, LAST_NAME, PASSWORD, SERIAL_NUMBER
from .service import API_SECRET

DOMAIN = "tconnectsync"
OWN_ID = "_id"
PASSING = {"event", "button", "update"}
"""Platforms whose states depend on when data arrived, not on the pump's events."""
COUNTS = ("documents_sent", "last_sync", "backfill_progress", "documents_pending")
"""Sensors that depend on the course of a life, not on the pump's events."""
AGES = ("hours",)
"""Attributes that contain an age."""
SPAN = ("mean", "min", "max", "state")
SHORTEST_WORD = 5
SIGNED_TOKEN = "eyJhbGciOi"
"""The start of every signed token."""
LOCKED = "database is locked"
TRACEBACK = "Traceback (most recent call last):"
KNOWN_ERROR = ("Full error:", "direct cause of the following exception:")
"""Home Assistant shows the origin of an error when it logs at the debug level."""

type Documents = Mapping[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Difference:
    """What one side has and the other has not."""

    compared: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def documents(held: Documents, wanted: Documents, first_day: str) -> Difference:
    """Compare the documents of two Nightscouts from a day on, duplicates included."""
    difference = Difference()
    for name in ("treatments", "entries", "devicestatus"):
        ours, theirs = (
            _by_identifier(one.get(name, ()), first_day) for one in (held, wanted)
        )
        for identifier in sorted(ours.keys() | theirs.keys()):
            mine, right = ours.get(identifier, []), theirs.get(identifier, [])
            difference.compared += len(right)
            if len(mine) < len(right):
                difference.lost.append(identifier)
            elif len(mine) > len(right):
                difference.doubled.append(identifier)
            elif mine != right:
                difference.other.append(f"{identifier}: {mine} instead of {right}")
    return difference


def _by_identifier(
    documents: Iterable[dict[str, Any]], first_day: str
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for document in documents:
        if str(document.get("created_at", document.get("dateString"))) >= first_day:
            text = json.dumps(
                {key: value for key, value in document.items() if key != OWN_ID},
                sort_keys=True,
            )
            found.setdefault(str(document.get("identifier")), []).append(text)
    return {identifier: sorted(texts) for identifier, texts in found.items()}


async def states(api: Api) -> dict[str, Any]:
    """Return the states of all entities that depend on the pump's events."""
    registered = {
        entity["entity_id"]: entity["translation_key"]
        for entity in await api.command("config/entity_registry/list")
        if entity["platform"] == DOMAIN
    }
    shown = {}
    for state in await api.get("states"):
        name = state["entity_id"]
        if (
            name.partition(".")[0] in PASSING
            or registered.get(name, COUNTS[0]) in COUNTS
        ):
            continue
        attributes = {
            key: value for key, value in state["attributes"].items() if key not in AGES
        }
        shown[name] = (state["state"], attributes)
    return shown


async def statistics(api: Api, since: str) -> dict[tuple[str, int], Any]:
    """Return every recorded hour of every series from an instant on."""
    listed = await api.command("recorder/list_statistic_ids")
    names = [one["statistic_id"] for one in listed if one["source"] == DOMAIN]
    rows = await api.command(
        "recorder/statistics_during_period",
        start_time=since,
        statistic_ids=names,
        period="hour",
    )
    found = {}
    for name, hours in rows.items():
        for hour in hours:
            values = [rounded(hour.get(key)) for key in (*SPAN, "change")]
            if any(values):
                found[name, hour["start"]] = values
    return found


def rounded(value: float | None) -> float | None:
    """Return a value without rounding errors of another order of addition, which may be below zero."""
    return None if value is None else round(value, 4) + 0.0


def unequal(held: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> list[str]:
    """Return the differences between two sides."""
    return [
        f"{key}: {held.get(key)} instead of {wanted.get(key)}"
        for key in sorted(held.keys() | wanted.keys())
        if held.get(key) != wanted.get(key)
    ]


def never_logged(secrets: Iterable[str]) -> list[str]:
    """Return the texts that no log may contain: secrets known from the start and those handed out."""
    written = [PASSWORD, API_SECRET, EMAIL]
    return [
        *written,
        *map(quote, written),
        sha1(API_SECRET.encode(), usedforsecurity=False).hexdigest(),
        SIGNED_TOKEN,
        EMAIL.partition("@")[0],
        FIRST_NAME,
        LAST_NAME,
        BIRTHDAY,
        SERIAL_NUMBER,
        *secrets,
    ]


def leaks(logs: Iterable[Path], secrets: Iterable[str]) -> Counter[str]:
    """Return how often secrets are in logs, by log and the start of the secret."""
    words = sorted({word for word in secrets if len(word) >= SHORTEST_WORD})
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    return Counter(
        f"{log.name}: {word[:SHORTEST_WORD]}…"
        for log in logs
        for word in pattern.findall(log.read_text(errors="replace"))
    )


def recorder_errors(log: Path) -> int:
    """Return how often Home Assistant met a database that it could not write."""
    return log.read_text(errors="replace").count(LOCKED)


def tracebacks(log: Path) -> int:
    """Return how many tracebacks lead through the integration, those of known errors left out."""
    before, *parts = log.read_text(errors="replace").split(TRACEBACK)
    found = 0
    for part in parts:
        expected = before.rstrip().endswith(KNOWN_ERROR)
        found += f"custom_components/{DOMAIN}" in part and not expected
        before = part
    return found
