"""Decoding of events into typed ones, by their code (Tandem Source, pump-logs answer)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from custom_components.tconnectsync.tandem.checked_fields import (
    MalformedEvent,
    Properties,
)
from custom_components.tconnectsync.tandem.event_types import (
    DateChanged,
    PumpEvent,
    RawEvent,
    TimeChanged,
)

from . import (
    alarms,
    basal,
    battery,
    bolus,
    clock_changes,
    glucose,
    modes,
    sessions,
    site,
)
from .header import Decoder, Header, read_header

__all__ = [
    "DECODERS",
    "Decoded",
    "Header",
    "decode_clock_changes",
    "decode_events",
    "read_header",
]

DECODERS: dict[int, Decoder] = {
    **alarms.DECODERS,
    **basal.DECODERS,
    **battery.DECODERS,
    **bolus.DECODERS,
    **clock_changes.DECODERS,
    **glucose.DECODERS,
    **modes.DECODERS,
    **sessions.DECODERS,
    **site.DECODERS,
}


@dataclass(slots=True)
class Decoded:
    """Typed events in the order of their arrival, and how many could not be read, by code."""

    events: list[PumpEvent] = field(default_factory=list)
    unknown: Counter[int] = field(default_factory=Counter)
    malformed: Counter[int] = field(default_factory=Counter)
    """Events without a readable code, sequence or time count as code 0."""


def decode_events(raws: Iterable[RawEvent]) -> Decoded:
    """Decode events in wire format; unreadable ones are counted, never raised.

    An alarm whose number cannot be read still counts as an alarm, and an event defined by its code alone as that event.
    """
    decoded = Decoded()
    add, decoder_of = decoded.events.append, DECODERS.get
    for raw in raws:
        header = read_header(raw)
        if header is None:
            decoded.malformed[0] += 1
            continue
        code = header["code"]
        if decoder := decoder_of(code):
            try:
                add(decoder(Properties(raw.get("eventProperties")), header))
            except MalformedEvent:
                decoded.malformed[code] += 1
                if event := alarms.without_number(header) or basal.by_code_alone(
                    header
                ):
                    add(event)
                    continue
            else:
                continue
        else:
            decoded.unknown[code] += 1
        add(PumpEvent(**header))
    return decoded


def decode_clock_changes(raws: Iterable[RawEvent]) -> list[TimeChanged | DateChanged]:
    """Decode a pump's clock changes in wire format, without unreadable ones."""
    return [
        event
        for event in decode_events(raws).events
        if isinstance(event, TimeChanged | DateChanged)
    ]
