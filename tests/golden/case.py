"""The format of a case: pumps, uploads and expectations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from demo.pump import RawEvent, RecordedPump
from demo.pump.parts import MODELS

from .expectation import Expectation, read_expectation
from .shape import CaseError, instant, keys
from .wire_events import EventRow

USUAL_PUMP = "pump"
USUAL_SERIAL = "10000000"
FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The events of one pump that reach Tandem at one time."""

    pump: str
    at: datetime
    events: Sequence[RawEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next point in time and the expectations there."""

    where: str
    now: datetime
    uploads: Sequence[Upload]
    restart: bool
    expect: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A small history of one account."""

    name: str
    zone: str
    home_assistant_zone: str
    glucose_unit: str | None
    enable: Sequence[str]
    pumps: Mapping[str, RecordedPump]
    steps: Sequence[Step]


def read_case(path: Path) -> Case:
    """Read a case; raise CaseError if it violates the format."""
    text = path.read_text(encoding="utf-8")
    return case_of(json.loads(text, object_pairs_hook=_once))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a mapping; raise CaseError for a repeated key, as only one of its values would be read."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CaseError(f"case: a key is said twice among {', '.join(found)}")
    return found


def case_of(raw: Any) -> Case:
    """Return a case whose pumps have not logged anything yet."""
    need = ["name", "why", "source", "zone", "steps"]
    may = ["home_assistant_zone", "enable", "pumps", "glucose_unit"]
    case = keys(raw, "case", need=need, may=may)
    pumps, rows = {}, {}
    for name, about in case.get("pumps", {USUAL_PUMP: {}}).items():
        pumps[name], rows[name] = _pump(about, f"pump {name}")
    steps = [
        _step(step, f"step {position}", rows)
        for position, step in enumerate(case["steps"], 1)
    ]
    if [step.now for step in steps] != sorted({step.now for step in steps}):
        raise CaseError("case: a step is not later than the one before")
    if not any("expect" in step for step in case["steps"]):
        raise CaseError("case: nothing is expected")
    return Case(
        name=case["name"],
        zone=case["zone"],
        home_assistant_zone=case.get("home_assistant_zone", case["zone"]),
        glucose_unit=case.get("glucose_unit"),
        enable=case.get("enable", ()),
        pumps=pumps,
        steps=steps,
    )


def _pump(raw: Any, where: str) -> tuple[RecordedPump, EventRow]:
    about = keys(raw, where, may=["serial", "model", "model_number", "first_number"])
    pump = RecordedPump(serial_number=about.get("serial", USUAL_SERIAL))
    for known in MODELS.values():
        if about.get("model") == known["modelName"]:
            pump.about |= known
    named = {"modelName": about.get("model"), "modelNumber": about.get("model_number")}
    pump.about |= {key: value for key, value in named.items() if value}
    return pump, EventRow(pump.assignment_id, about.get("first_number", FIRST_NUMBER))


def _step(raw: Any, where: str, rows: Mapping[str, EventRow]) -> Step:
    may = ["upload", "uploads", "restart", "expect"]
    step = keys(raw, where, need=["now"], may=may)
    uploads = [_upload(upload, where, rows) for upload in step.get("uploads", ())]
    if "upload" in step:
        keys(step["upload"], where, need=["at", "events"])
        [only] = rows
        uploads.append(_upload({"pump": only, **step["upload"]}, where, rows))
    return Step(
        where=where,
        now=instant(step["now"], where),
        uploads=uploads,
        restart=step.get("restart", False),
        expect=read_expectation(step.get("expect", {}), where),
    )


def _upload(raw: Any, where: str, rows: Mapping[str, EventRow]) -> Upload:
    upload = keys(raw, where, need=["pump", "at", "events"])
    if upload["pump"] not in rows:
        raise CaseError(f"{where}: there is no pump {upload['pump']}")
    return Upload(
        pump=upload["pump"],
        at=instant(upload["at"], where),
        events=rows[upload["pump"]].write_out(upload["events"], where),
    )
