"""Figures of Nightscout's treatments in a span, counted as the case format defines them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.treatment_totals import begin_of, bolus, carbs

from .expectation import Question
from .values import Value

type Documents = Sequence[Mapping[str, Any]]


def answer(question: Question, documents: Documents) -> float:
    """Return units, grams or the number of documents."""
    start, end = question.start, question.end
    match question.what:
        case "basal":
            return basal(documents, start, end)
        case "bolus":
            return bolus(documents, start, end)
        case "carbs":
            return carbs(created(documents, question))
        case _:
            return len(matching(question, documents))


def matching(question: Question, documents: Documents) -> Documents:
    """Return the documents of a type that were created in the span and have these fields."""
    return [
        one for one in created(documents, question) if has_fields(one, question.fields)
    ]


def created(documents: Documents, question: Question) -> Documents:
    """Return the documents created in the span, of one type if it is named."""
    return [
        one
        for one in documents
        if question.start <= begin_of(one) < question.end
        and question.event_type in (None, one["eventType"])
    ]


def has_fields(document: Mapping[str, Any], fields: Mapping[str, Value]) -> bool:
    """Return whether a document has these fields."""
    return all(value.holds(document.get(name)) for name, value in fields.items())


def basal(documents: Documents, start: datetime, end: datetime) -> float:
    """Return the units of all Temp Basals within the span; each ends where the next starts."""
    temps = sorted(
        (one for one in documents if one["eventType"] == "Temp Basal"), key=begin_of
    )
    ends = [
        min(begin_of(one) + lasting(one), begin_of(following))
        for one, following in pairwise(temps)
    ]
    ends += [begin_of(one) + lasting(one) for one in temps[-1:]]
    units = 0.0
    for one, until in zip(temps, ends, strict=True):
        span = min(until, end) - max(begin_of(one), start)
        units += one["absolute"] * max(0.0, span.total_seconds()) / 3600
    return units


def lasting(document: Mapping[str, Any]) -> timedelta:
    """Return the duration of a treatment."""
    return timedelta(minutes=document["duration"])
