"""Read a query string, choose documents by it, count them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import re
from typing import Any
from urllib.parse import unquote_plus

from .database import OBJECT_ID
from .dates import epoch, read_date, stamp
from .documents import Document

DEFAULT_WINDOW = timedelta(days=4)
NUMBER = re.compile(r"\s*[+-]?\d+")
LITERAL_EXPRESSION = re.compile(r"/(.*)/(.*)")

type Query = dict[str, Any]
type Test = Callable[[Any], bool]


class UnreadableQueryError(Exception):
    """A query that Nightscout fails on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a collection reads its queries."""

    date_field: str = "created_at"
    in_epoch: bool = False
    """The date field has milliseconds since 1970 instead of a text."""
    readers: Mapping[str, Callable[[str], Any]]


def whole_number(text: str) -> int | None:
    """Read the integer at the start of a text."""
    return int(found[0]) if (found := NUMBER.match(text)) else None


def expression(text: str) -> str | re.Pattern[str]:
    """Read `/pattern/flags` anywhere in a text: loop://x has an empty pattern and flags x."""
    if (found := LITERAL_EXPRESSION.search(text)) is None:
        return text
    pattern, flags = found.groups()
    if set(flags) - set("dgimsuvy") or len(set(flags)) < len(flags):
        raise UnreadableQueryError(f"Invalid flags: {flags}")
    return compiled(pattern, flags)


def compiled(pattern: str, flags: str) -> re.Pattern[str]:
    """Make a regular expression of a pattern and JavaScript's flags."""
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    try:
        return re.compile(pattern, sum(known.get(flag, 0) for flag in flags))
    except re.error as error:
        raise UnreadableQueryError(str(error)) from error


def parse(query_string: str) -> Query:
    """Read `find[a][$gte]=1&find[b][$in][]=2` into nested dictionaries and lists."""
    query: Query = {}
    for part in filter(None, query_string.split("&")):
        name, _, value = part.partition("=")
        _place(query, unquote_plus(name), unquote_plus(value))
    return {name: _lists(value) for name, value in query.items()}


def _place(query: Query, name: str, value: str) -> None:
    head, *rest = re.findall(r"^[^\[\]]+|\[[^\[\]]*\]", name) or [name]
    *path, last = [head, *(part[1:-1] for part in rest)]
    for step in path:
        query = query.setdefault(step, {})
        if not isinstance(query, dict):
            raise UnreadableQueryError(name)
    last = last or str(len(query))
    if last in query:
        earlier = query[last]
        query[last] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
    else:
        query[last] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(item) for item in value.values()]
    return {name: _lists(item) for name, item in value.items()}


def count_of(query: Query, default: int) -> int | None:
    """Return the number of requested documents, None for all."""
    count = query.get("count") or str(default)
    number = whole_number(count) if isinstance(count, str) else None
    if number is None:
        raise UnreadableQueryError(f"count={count}")
    return abs(number) or None


def choose(
    documents: Iterable[Document], query: Query, reading: Reading, now: datetime
) -> list[Document]:
    """Return the documents a query finds, newest first.

    UnreadableQueryError: Nightscout could not have answered.
    """
    tests = [(name.split("."), test) for name, test in conditions(query, reading, now)]
    found = [
        document
        for document in documents
        if all(test(_field(document, path)) for path, test in tests)
    ]

    def place(document: Document) -> Any:
        value = document.get(reading.date_field)
        if reading.in_epoch:
            return value if isinstance(value, int | float) else 0
        return value if isinstance(value, str) else ""

    return sorted(found, key=place, reverse=True)


def conditions(query: Query, reading: Reading, now: datetime) -> list[tuple[str, Test]]:
    """Return the conditions on each field."""
    find = query.get("find", {})
    if not isinstance(find, dict):
        raise UnreadableQueryError(f"find={find}")
    find = {
        name: _walk(value, reading.readers[name]) if name in reading.readers else value
        for name, value in find.items()
    }
    identity = find.get("_id")
    if not identity:
        _enforce_dates(find, reading, now)
    elif not isinstance(identity, dict) and not OBJECT_ID.fullmatch(str(identity)):
        raise UnreadableQueryError(f"_id={identity}")
    return [(name, test) for name, value in find.items() for test in _tests(value)]


def _walk(value: Any, reader: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _walk(item, reader) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, reader) for item in value]
    return reader(value)


def _enforce_dates(find: Query, reading: Reading, now: datetime) -> None:
    """Rewrite dates to UTC, or add the default window if the query has no date."""
    wanted = find.get(reading.date_field)
    if isinstance(wanted, dict):
        find[reading.date_field] = {
            name: _date(value) for name, value in wanted.items()
        }
    elif isinstance(wanted, str) and not wanted.isdigit():
        raise UnreadableQueryError(f"{reading.date_field}={wanted}")
    elif not wanted and not find.get("dateString"):
        since = now - DEFAULT_WINDOW
        find[reading.date_field] = {
            "$gte": epoch(since) if reading.in_epoch else stamp(since)
        }


def _date(value: Any) -> Any:
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return value
    moment = read_date(value.replace(" ", "+", 1)) if isinstance(value, str) else None
    if moment is None:
        raise UnreadableQueryError(f"Cannot parse {value} as a valid ISO-8601 date")
    return stamp(moment)


def _tests(wanted: Any) -> list[Test]:
    if isinstance(wanted, dict) and any(name.startswith("$") for name in wanted):
        flags = wanted.get("$options", "")
        return [
            _test(name, value, flags)
            for name, value in wanted.items()
            if name != "$options"
        ]
    return [_equals(wanted)]


def _test(operator: str, wanted: Any, flags: str) -> Test:
    match operator:
        case "$eq":
            return _equals(wanted)
        case "$ne":
            equals = _equals(wanted)
            return lambda value: not equals(value)
        case "$gte":
            return lambda value: _comparable(value, wanted) and value >= wanted
        case "$gt":
            return lambda value: _comparable(value, wanted) and value > wanted
        case "$lte":
            return lambda value: _comparable(value, wanted) and value <= wanted
        case "$lt":
            return lambda value: _comparable(value, wanted) and value < wanted
        case "$exists":
            return lambda value: (value is not None) == bool(wanted)
        case "$regex" if isinstance(wanted, str | re.Pattern):
            return _equals(
                compiled(wanted, flags) if isinstance(wanted, str) else wanted
            )
        case "$in" | "$nin" if isinstance(wanted, list):
            choices = [_equals(item) for item in wanted]
            inside = operator == "$in"
            return lambda value: any(choice(value) for choice in choices) is inside
        case _:
            raise UnreadableQueryError(f"unknown operator: {operator}")


def _equals(wanted: Any) -> Test:
    if isinstance(wanted, re.Pattern):
        return lambda value: isinstance(value, str) and wanted.search(value) is not None
    if isinstance(wanted, dict | list):
        return lambda value: type(value) is type(wanted) and value == wanted
    return lambda value: _comparable(value, wanted) and value == wanted


def _comparable(value: Any, wanted: Any) -> bool:
    """Tell whether two values are of one kind: the text "30" is never the number 30."""
    if isinstance(wanted, str):
        return isinstance(value, str)
    return (
        isinstance(value, int | float)
        and isinstance(wanted, int | float)
        and not isinstance(value, bool)
    )


def _field(document: Document, path: list[str]) -> Any:
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
