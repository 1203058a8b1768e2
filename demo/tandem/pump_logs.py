"""Answer pump-logs queries, judged as strictly as the service's own schema does."""

from collections.abc import Iterable
from datetime import date, timedelta
import re
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from demo.pump.wire import RawEvent

from .account import CLOCK_CHANGES, ListedPump

KEYS = ("pumperId", "startDate", "endDate", "eventCodes")
LONGEST = timedelta(days=28)
START = re.compile(r"(\d{4}-\d{2}-\d{2})T00:00:00Z")
END = re.compile(r"(\d{4}-\d{2}-\d{2})T23:59:59Z")


class BadQueryError(Exception):
    """A query the schema refuses, with the issues it names."""

    def __init__(self, *issues: dict[str, Any]) -> None:
        """Keep the issues for the answer."""
        super().__init__(issues)
        self.issues = issues

    def response(self) -> web.Response:
        """Return the 400 answer of the schema's library, zod."""
        error = {"name": "ZodError", "issues": list(self.issues)}
        return web.json_response({"success": False, "error": error}, status=400)


def day_of(query: MultiMapping[str], key: str, form: re.Pattern[str]) -> date:
    """Return the day a date of the query names, in exactly the form the web application writes."""
    value = query.get(key)
    if value is None:
        raise BadQueryError(
            {
                "code": "invalid_type",
                "expected": "string",
                "path": [key],
                "message": "Required",
            }
        )
    match = form.fullmatch(value)
    try:
        return date.fromisoformat(match[1]) if match else refuse(key)
    except ValueError:
        return refuse(key)


def refuse(key: str) -> date:
    """Refuse a date."""
    raise BadQueryError(
        {
            "code": "invalid_string",
            "validation": "datetime",
            "path": [key],
            "message": "Invalid datetime",
        }
    )


def event_codes(values: list[str]) -> set[int] | None:
    """Return the requested codes; None means all, a repeated key means none."""
    if not values or values == [""]:
        return None
    if len(values) > 1:
        return set()
    if not re.fullmatch(r"\d+(,\d+)*", values[0]):
        raise BadQueryError(
            {"code": "custom", "path": ["eventCodes"], "message": "Invalid event codes"}
        )
    return {int(code) for code in values[0].split(",")}


def answer(
    listed: ListedPump,
    query: MultiMapping[str],
    *,
    clock_changes_among_events: bool = False,
) -> dict[str, list[RawEvent]]:
    """Return events and clock changes for a query, or raise BadQueryError."""
    if unknown := sorted(set(query) - set(KEYS)):
        names = ", ".join(f"'{key}'" for key in unknown)
        raise BadQueryError(
            {
                "code": "unrecognized_keys",
                "keys": unknown,
                "path": [],
                "message": f"Unrecognized key(s) in object: {names}",
            }
        )
    if "pumperId" not in query:
        raise BadQueryError(
            {
                "code": "invalid_type",
                "expected": "string",
                "path": ["pumperId"],
                "message": "Required",
            }
        )
    first, last = day_of(query, "startDate", START), day_of(query, "endDate", END)
    if last < first or last - first >= LONGEST:
        raise BadQueryError(
            {
                "code": "custom",
                "path": ["endDate"],
                "message": "Date range must be within 28 days",
            }
        )
    codes = event_codes(query.getall("eventCodes", []))
    events: Iterable[RawEvent] = listed.between(first.isoformat(), last.isoformat())
    if not clock_changes_among_events:
        events = (event for event in events if event["eventCode"] not in CLOCK_CHANGES)
    if codes is not None:
        events = (event for event in events if event["eventCode"] in codes)
    return {"events": list(events), "clockChanges": listed.clock_changes}
