"""What flows of an extended bolus, as small doses at the time it flowed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from math import ceil, floor

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    build_document,
    local_text,
)
from custom_components.tconnectsync.nightscout.identifiers import Kind
from custom_components.tconnectsync.therapy.records import Bolus

LARGEST_DOSE = 0.15
"""U; at any instant Nightscout is at most half a dose from what has flowed."""
SHORTEST_STEP = 2
"""s; each dose has a second of its own."""
EVENT_TYPE = "SMB"
NOTES = "Extended bolus"


def extended_smbs(bolus: Bolus, pump: PumpIdentity) -> Iterator[Document]:
    """Yield a dose (U) for each step of the extended part that has flowed, dated by its middle.

    Steps follow from what was asked for, so that each keeps its identifier and time while the bolus
    runs and once it has ended. The running step is reported when its middle has been reached.
    Whole seconds tell them apart from what is dated by an event of its own.
    """
    if not bolus.extended_deliveries:
        return
    start = bolus.extended_start or bolus.extended_deliveries[0].start
    until = bolus.extended_deliveries[-1].end
    step = _step(bolus)
    for number in count():
        begin = start + number * step
        if begin > until:
            return
        at = begin + step / 2
        if at > until:
            if bolus.in_progress:
                return
            at = until
        if dose := round(_by(bolus, begin + step) - _by(bolus, begin), 3):
            yield _dose(bolus, pump, number, at.replace(microsecond=0), dose)


def _step(bolus: Bolus) -> timedelta:
    """Return how long it takes to give the largest dose, an even number of seconds."""
    minutes = bolus.planned_minutes or bolus.extended_minutes
    doses = max(1, ceil(bolus.extended_requested / LARGEST_DOSE))
    seconds = floor(60 * minutes / doses / 2) * 2
    return timedelta(seconds=max(SHORTEST_STEP, seconds))


def _by(bolus: Bolus, instant: datetime) -> float:
    """Return what had flowed over time before an instant (U)."""
    return round(
        sum(part.insulin - part.since(instant) for part in bolus.extended_deliveries), 3
    )


def _dose(
    bolus: Bolus, pump: PumpIdentity, number: int, at: datetime, insulin: float
) -> Document:
    name = bolus.identity.removeprefix(f"{Kind.BOLUS}:")
    return build_document(
        {
            "eventType": EVENT_TYPE,
            "created_at": local_text(at, bolus.offset),
            "enteredBy": ENTERED_BY,
            "insulin": insulin,
            "isSMB": True,
            "notes": NOTES,
        },
        pump=pump,
        kind=Kind.EXTENDED,
        name=f"{name}-{number}",
        created_at=at,
        offset=bolus.offset,
        event_type=EVENT_TYPE,
        start=bolus.start,
        end=bolus.end or bolus.start + timedelta(minutes=bolus.extended_minutes),
        numbers=bolus.numbers,
        numbers_sent=tuple(dict.fromkeys((bolus.numbers[0], bolus.key[1]))),
    )
