"""Comparison of expectations with results, with differences in plain words."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from .expectation import EntityExpectation, Expectation, Question
from .nightscout_spans import answer, created
from .seen import Seen
from .values import Value


async def differences(expect: Expectation, seen: Seen) -> list[str]:
    """Return all differences between expectations and results."""
    found = await lasting_differences(expect, seen)
    found += _repairs(expect, seen)
    if expect.either:
        tried = [await differences(one, seen) for one in expect.either]
        if all(tried):
            texts = (" and ".join(texts) for texts in tried)
            found.append("either: none holds: " + " | ".join(texts))
    return found


async def lasting_differences(expect: Expectation, seen: Seen) -> list[str]:
    """Return the differences that need no waiting, without repairs."""
    found = [
        text
        for name, wanted in expect.entities.items()
        for text in _entity(name, wanted, seen)
    ]
    for name, wanted in expect.fired.items():
        found += _fired(name, wanted, seen)
    treatments = seen.treatments()
    for question in expect.nightscout:
        found += _nightscout(question, treatments)
    return found + [text async for text in _statistics(expect, seen)]


def _entity(name: str, wanted: EntityExpectation, seen: Seen) -> Iterator[str]:
    entry = seen.entity(name)
    state = entry and seen.hass.states.get(entry.entity_id)
    if not state:
        yield f"{name}: there is no such entity, or it is off"
        return
    if wanted.state and not wanted.state.holds(state.state):
        yield f"{name}: expected {wanted.state}, seen {state.state}"
    for attribute, value in wanted.attributes.items():
        if not value.holds(state.attributes.get(attribute)):
            yield f"{name}, {attribute}: expected {value}, seen {state.attributes.get(attribute)}"


def _fired(
    name: str, wanted: Sequence[Mapping[str, Value]], seen: Seen
) -> Iterator[str]:
    entry = seen.entity(f"event.{name}")
    if entry is None:
        yield f"event.{name}: there is no such entity"
        return
    fired = seen.fired.by(entry.entity_id)
    if not all_matched(wanted, fired):
        names = {attribute: None for one in wanted for attribute in one}
        names |= dict.fromkeys(("event_type", "number", "occurred_at", "late_seconds"))
        texts = [{name: one[name] for name in names if name in one} for one in fired]
        expected = [{key: str(value) for key, value in one.items()} for one in wanted]
        yield f"told {name}: expected {expected}, seen {texts}"


def all_matched(
    wanted: Sequence[Mapping[str, Value]], fired: Sequence[Mapping[str, Any]]
) -> bool:
    """Return whether each expectation matches an occurrence of its own, with none left over."""
    if len(wanted) != len(fired):
        return False
    if not wanted:
        return True
    first, rest = wanted[0], wanted[1:]
    return any(
        all(value.holds(one.get(name)) for name, value in first.items())
        and all_matched(rest, [*fired[:position], *fired[position + 1 :]])
        for position, one in enumerate(fired)
    )


def _nightscout(
    question: Question, treatments: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    seen = answer(question, treatments)
    if question.answer.holds(seen):
        return
    span = f"{question.start.isoformat()} to {question.end.isoformat()}"
    about = question.event_type or question.what
    text = f"Nightscout, {about}, {span}: expected {question.answer}, seen {seen:g}"
    if question.what == "documents":
        fields = {name: str(value) for name, value in question.fields.items()}
        there = [
            {name: one.get(name) for name in ("created_at", *question.fields)}
            for one in created(treatments, question)
        ]
        text += f" with {fields}, of those of its type: {there}"
    yield text


async def _statistics(expect: Expectation, seen: Seen) -> AsyncIterator[str]:
    for hours in expect.statistics:
        recorded = await seen.recorded(hours)
        if not hours.answer.holds(recorded):
            span = f"{hours.start.isoformat()} to {hours.end.isoformat()}"
            yield f"statistics, {hours.series}, {span}: expected {hours.answer}, seen {recorded}"


def _repairs(expect: Expectation, seen: Seen) -> Iterator[str]:
    repairs, notifications = seen.repairs(), seen.notifications()
    for name, wanted in expect.repairs.items():
        there = bool(repairs) if name == "any" else name in repairs
        if there is not wanted:
            yield f"repair {name}: expected {wanted}, seen {sorted(repairs)}"
    notice = bool(repairs or notifications)
    if expect.notice not in (None, notice):
        yield f"notice: expected {expect.notice}, seen {sorted(repairs)} and {notifications}"
