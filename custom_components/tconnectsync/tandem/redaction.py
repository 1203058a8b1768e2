"""What of an event or a pump can be shown to others: values of known properties of known codes only."""

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
"""Of parts, models and versions; a serial number is longer."""


class _KeyRecorder(dict[str, Any]):
    """Properties that note which of them are asked for."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__(properties)
        self.names: set[str] = set()

    @override
    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


def redacted_properties(raw: RawEvent) -> Any:
    """Return the properties of an event, of those that its decoder does not ask for the type alone."""
    properties = raw.get("eventProperties")
    if not isinstance(properties, Mapping):
        return type(properties).__name__
    known = _known(raw, properties)
    return {
        name: value if name in known and _is_number(value) else type(value).__name__
        for name, value in properties.items()
        if _PROPERTY.fullmatch(name)
    }


def redacted_pump_field(name: str, value: Any) -> Any:
    """Return what is listed of a pump, of texts that are not known the type alone."""
    if not isinstance(value, str):
        return value
    known = {
        "model": MODELS.values(),
        "algorithm": ALGORITHMS,
        "glucose_unit": GLUCOSE_UNITS,
    }
    shown = value in known[name] if name in known else _NUMBERS.fullmatch(value)
    return value if shown else "str"


def _known(raw: RawEvent, properties: Mapping[str, Any]) -> set[str]:
    """Return which properties the decoder of an event asks for, up to the one that it cannot read."""
    header = read_header(raw)
    decoder = DECODERS.get(header["code"]) if header else None
    if header is None or decoder is None:
        return set()
    asked = _KeyRecorder(properties)
    with suppress(MalformedEvent):
        decoder(Properties(asked), header)
    return asked.names


def _is_number(value: Any) -> bool:
    """Return whether a value can only be a number, or numbers of bits."""
    if isinstance(value, list):
        return all(type(bit) is int and 0 <= bit < 64 for bit in value)
    return value is None or isinstance(value, int | float)
