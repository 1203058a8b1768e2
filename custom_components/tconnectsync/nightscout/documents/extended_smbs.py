"""The extended part of a bolus as small doses, each dated when it was delivered."""

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
"""U; at any instant Nightscout differs from the delivered insulin by at most half a dose."""
SHORTEST_STEP = 2
"""s; so each dose has its own second."""
EVENT_TYPE = "SMB"
NOTES = "Extended bolus"


def extended_smbs(bolus: Bolus, pump: PumpIdentity) -> Iterator[Document]:
    """Yield a dose (U) for each delivered step of the extended part, dated by the step's middle.

    Steps follow from the request, so that each keeps its identifier and time while the bolus
    runs and once it has ended. The running step is sent once its middle has been reached.
    Full seconds distinguish the doses from documents that are dated by their own event.
    """
    if not bolus.extended_deliveries:
        return
    start = bolus.extended_start or bolus.extended_deliveries[0].start
    until = bolus.extended_deliveries[-1].end
    step = _step(bolus)
    for number in count():
        step_start = start + number * step
        if step_start > until:
            return
        at = step_start + step / 2
        if at > until:
            if bolus.in_progress:
                return
            at = until
        if dose := round(
            _delivered_by(bolus, step_start + step) - _delivered_by(bolus, step_start),
            3,
        ):
            yield _dose(bolus, pump, number, at.replace(microsecond=0), dose)


def _step(bolus: Bolus) -> timedelta:
    """Return the duration of one step, an even number of seconds, in which about the largest dose is delivered."""
    minutes = bolus.planned_minutes or bolus.extended_minutes
    doses = max(1, ceil(bolus.extended_requested / LARGEST_DOSE))
    seconds = floor(60 * minutes / doses / 2) * 2
    return timedelta(seconds=max(SHORTEST_STEP, seconds))


def _delivered_by(bolus: Bolus, instant: datetime) -> float:
    """Return the insulin (U) of the extended part delivered before an instant."""
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
