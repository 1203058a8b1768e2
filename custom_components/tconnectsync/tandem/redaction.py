"""Redaction of events and pumps for others to see: only known properties of known codes keep their values."""

from collections.abc import Mapping
from contextlib import suppress
import re
from typing import Any, override

from .checked_fields import MalformedEvent, Properties
from .decode import DECODERS, read_header
from .event_types import RawEvent
from .pumper import MODELS

ALGORITHMS = {"Control-IQ", "Control-IQ+", "Basal-IQ"}
GLUCOSE_UNITS = {"mg/dL", "mmol/L"}

_PROPERTY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
_NUMBERS = re.compile(r"\d{1,7}(\.\d{1,4}){0,4}", re.ASCII)
"""Numbers of parts, models and versions; a serial number is longer."""


class _KeyRecorder(dict[str, Any]):
    """Properties that record which of them a decoder reads."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__(properties)
        self.names: set[str] = set()

    @override
    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


def redacted_properties(raw: RawEvent) -> Any:
    """Return an event's properties; a value that its decoder does not read, or that is no number, is replaced by its type."""
    properties = raw.get("eventProperties")
    if not isinstance(properties, Mapping):
        return type(properties).__name__
    read = _read_keys(raw, properties)
    return {
        name: value if name in read and _is_number(value) else type(value).__name__
        for name, value in properties.items()
        if _PROPERTY.fullmatch(name)
    }


def redacted_pump_field(name: str, value: Any) -> Any:
    """Return a field of a pump; an unknown text is replaced by its type."""
    if not isinstance(value, str):
        return value
    known_texts = {
        "model": MODELS.values(),
        "algorithm": ALGORITHMS,
        "glucose_unit": GLUCOSE_UNITS,
    }
    shown = (
        value in known_texts[name] if name in known_texts else _NUMBERS.fullmatch(value)
    )
    return value if shown else "str"


def _read_keys(raw: RawEvent, properties: Mapping[str, Any]) -> set[str]:
    """Return the properties that an event's decoder reads, up to the first malformed one."""
    header = read_header(raw)
    decoder = DECODERS.get(header["code"]) if header else None
    if header is None or decoder is None:
        return set()
    recorder = _KeyRecorder(properties)
    with suppress(MalformedEvent):
        decoder(Properties(recorder), header)
    return recorder.names


def _is_number(value: Any) -> bool:
    """Return whether a value can only be a number or bit numbers; None is one as well."""
    if isinstance(value, list):
        return all(type(bit) is int and 0 <= bit < 64 for bit in value)
    return value is None or isinstance(value, int | float)
