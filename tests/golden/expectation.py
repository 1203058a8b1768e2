"""The expectations of a step of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .shape import CaseError, instant, keys
from .values import Value, read_value


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityExpectation:
    """The expected state and attributes of an entity."""

    state: Value | None
    attributes: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A count of Nightscout's documents in a span, and the expected result."""

    what: str
    start: datetime
    end: datetime
    event_type: str | None
    fields: Mapping[str, Value]
    answer: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The sum over the hours of a series, or the mean of their means."""

    series: str
    start: datetime
    end: datetime
    answer: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """All expectations of a step."""

    entities: Mapping[str, EntityExpectation]
    fired: Mapping[str, Sequence[Mapping[str, Value]]]
    nightscout: Sequence[Question]
    statistics: Sequence[Hours]
    repairs: Mapping[str, bool]
    notice: bool | None
    either: Sequence[Expectation]


def read_expectation(raw: Any, where: str) -> Expectation:
    """Return the expectations; raise CaseError if they cannot be read."""
    may = ["entities", "told", "nightscout", "statistics", "repairs", "notice"]
    expect = keys(raw, where, may=[*may, "either"])
    return Expectation(
        entities={
            name: _entity(value, f"{where}, {name}")
            for name, value in expect.get("entities", {}).items()
        },
        fired={
            name: [
                _values(occurrence, f"{where}, told {name}")
                for occurrence in occurrences
            ]
            for name, occurrences in expect.get("told", {}).items()
        },
        nightscout=[
            _question(question, f"{where}, Nightscout")
            for question in expect.get("nightscout", ())
        ],
        statistics=[
            _hours(hours, f"{where}, statistics")
            for hours in expect.get("statistics", ())
        ],
        repairs={
            name: _yes_or_no(there, f"{where}, repair {name}")
            for name, there in expect.get("repairs", {}).items()
        },
        notice=_yes_or_no(expect["notice"], f"{where}, notice")
        if "notice" in expect
        else None,
        either=[
            read_expectation(one, f"{where}, either")
            for one in expect.get("either", ())
        ],
    )


def _entity(raw: Any, where: str) -> EntityExpectation:
    if isinstance(raw, Mapping) and not raw.keys() & {"any", "not"}:
        entity = keys(raw, where, may=["state", "attributes"])
        return EntityExpectation(
            state=read_value(entity["state"], where) if "state" in entity else None,
            attributes=_values(entity.get("attributes", {}), where),
        )
    return EntityExpectation(state=read_value(raw, where), attributes={})


def _values(raw: Any, where: str) -> dict[str, Value]:
    if not isinstance(raw, Mapping):
        raise CaseError(f"{where}: not a mapping")
    return {name: read_value(value, f"{where}, {name}") for name, value in raw.items()}


def _question(raw: Any, where: str) -> Question:
    what = raw.get("what")
    if what not in {"basal", "bolus", "carbs", "documents"}:
        raise CaseError(f"{where}: {what!r} is nothing that can be asked")
    documents = what == "documents"
    question = keys(
        raw,
        where,
        need=["what", "between", "is", *(["eventType"] if documents else [])],
        may=["with"] if documents else (),
    )
    start, end = (instant(edge, where) for edge in question["between"])
    return Question(
        what=what,
        start=start,
        end=end,
        event_type=question.get("eventType"),
        fields=_values(question.get("with", {}), where),
        answer=read_value(question["is"], where),
    )


def _hours(raw: Any, where: str) -> Hours:
    hours = keys(raw, where, need=["series", "hours", "is"])
    start, end = (instant(edge, where) for edge in hours["hours"])
    return Hours(
        series=hours["series"],
        start=start,
        end=end,
        answer=read_value(hours["is"], where),
    )


def _yes_or_no(raw: Any, where: str) -> bool:
    if not isinstance(raw, bool):
        raise CaseError(f"{where}: {raw!r} is neither true nor false")
    return raw
