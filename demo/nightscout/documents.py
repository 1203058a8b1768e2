"""Change a document as Nightscout does before it stores it."""

from datetime import datetime
import html
from math import isnan, nan
import re
from typing import Any

from .dates import epoch, offset_minutes, read_date, stamp

type Document = dict[str, Any]

NUMBERS = (
    "glucose",
    "targetTop",
    "targetBottom",
    "carbs",
    "insulin",
    "duration",
    "percent",
    "absolute",
    "relative",
    "preBolus",
)
DROPPED_WHEN_EMPTY = (
    "targetTop",
    "targetBottom",
    "carbs",
    "insulin",
    "percent",
    "relative",
    "notes",
    "preBolus",
)
SCRIPT = re.compile(r"<(script|style|iframe)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"</?[a-z!][^>]*>", re.IGNORECASE)


def prepare_treatment(document: Document, now: datetime) -> Document:
    """Give a treatment as stored: UTC, numbers as numbers, empty amounts dropped."""
    treatment = purify(document)
    moment = read_date(treatment.get("created_at")) or now
    event_time = read_date(treatment.pop("eventTime", None))
    treatment["created_at"] = stamp(event_time or moment)
    treatment["utcOffset"] = offset_minutes(moment)
    _read_numbers(treatment)
    if treatment.get("eventType") == "Announcement":
        treatment["isAnnouncement"] = True
    return treatment


def _read_numbers(treatment: Document) -> None:
    for name in NUMBERS:
        number = to_number(treatment[name]) if name in treatment else nan
        if isnan(number):
            treatment.pop(name, None)
        else:
            treatment[name] = number
    for name in DROPPED_WHEN_EMPTY:
        if not treatment.get(name):
            treatment.pop(name, None)
    if not treatment.get("glucose"):
        for name in ("glucose", "glucoseType", "units"):
            treatment.pop(name, None)


def prepare_entry(document: Document, now: datetime) -> Document:
    """Give an entry as stored: sysTime and dateString in UTC."""
    entry = purify(document)
    moment = read_date(entry.get("dateString")) or read_date(entry.get("date")) or now
    entry["utcOffset"] = offset_minutes(moment)
    entry["sysTime"] = stamp(moment)
    if entry.get("dateString"):
        entry["dateString"] = entry["sysTime"]
    return entry


def prepare_status(document: Document, now: datetime) -> Document:
    """Give a devicestatus as stored: created_at in UTC."""
    status = purify(document)
    moment = read_date(status.get("created_at")) or now
    status["created_at"] = stamp(moment)
    status["utcOffset"] = offset_minutes(moment)
    return status


def prepare_profile(document: Document, now: datetime) -> Document:
    """Give a profile store as stored: created_at where it has none."""
    profile = purify(document)
    profile.setdefault("created_at", stamp(now))
    return profile


def moment_of(document: Document) -> int:
    """Return the time of a document in milliseconds since 1970, 0 where it has no date."""
    for name in ("date", "created_at", "startDate", "dateString"):
        if moment := read_date(document.get(name)):
            return epoch(moment)
    return 0


def to_number(value: object) -> float:
    """Read a number as JavaScript does: null and "" are 0, other words not a number."""
    if value is None or value == "":
        return 0
    if isinstance(value, bool | int | float):
        return value + 0
    if not isinstance(value, str):
        return nan
    try:
        number = float(value)
    except ValueError:
        return nan
    return int(number) if number.is_integer() else number


def purify(document: Document) -> Document:
    """Copy a document with every text in it made safe to show in a page."""
    return {name: _purify_value(value) for name, value in document.items()}


def _purify_value(value: Any) -> Any:
    if isinstance(value, str):
        return purify_text(value)
    if isinstance(value, dict):
        return purify(value)
    if isinstance(value, list):
        return [_purify_value(item) for item in value]
    return value


def purify_text(text: str) -> str:
    """Remove markup and escape the rest; a second time changes nothing."""
    if "&" not in text and "<" not in text and ">" not in text:
        return text
    text = TAG.sub("", SCRIPT.sub("", text))
    return html.escape(html.unescape(text), quote=False)
