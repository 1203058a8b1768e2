"""Basal segments and suspensions as temporary basal rates."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from custom_components.tconnectsync.nightscout.document import (
    Document,
    PumpIdentity,
    minutes,
    treatment,
)
from custom_components.tconnectsync.nightscout.identity import (
    ENTERED_BY,
    TEMP_BASAL,
    Kind,
    event_name,
)
from custom_components.tconnectsync.tandem.events import BasalSource, SuspendReason
from custom_components.tconnectsync.therapy.history import History
from custom_components.tconnectsync.therapy.records import BasalSegment

RATE_REASONS = {
    BasalSource.SUSPENDED: "Suspended",
    BasalSource.PROFILE: "Profile rate",
    BasalSource.TEMP_RATE: "Temp rate",
    BasalSource.ALGORITHM: "Adjusted automatically",
    BasalSource.TEMP_RATE_AND_ALGORITHM: "Temp rate, adjusted automatically",
}
SUSPEND_REASONS: dict[SuspendReason | None, str] = {
    None: "Suspended",
    SuspendReason.USER: "Suspended: by hand",
    SuspendReason.ALARM: "Suspended: alarm",
    SuspendReason.MALFUNCTION: "Suspended: malfunction",
    SuspendReason.LOW_GLUCOSE: "Suspended: low glucose ahead",
}


def segments(basal: Iterable[BasalSegment], pump: PumpIdentity) -> Iterator[Document]:
    """Yield a temporary basal for every stretch of one rate (U/h, minutes)."""
    for segment in basal:
        yield treatment(
            segment,
            pump,
            Kind.BASAL,
            TEMP_BASAL,
            ENTERED_BY,
            name=event_name(segment.key),
            numbers=segment.numbers,
            end=segment.end,
            absolute=segment.rate,
            rate=segment.rate,
            duration=minutes(segment.start, segment.end),
            reason=RATE_REASONS[segment.source],
        )


def suspensions(
    history: History, pump: PumpIdentity, *, as_basal: Callable[[date], bool]
) -> Iterator[Document]:
    """Yield a temporary basal of 0 U/h for every suspension, a note on other days."""
    for suspension in history.suspensions:
        reason = SUSPEND_REASONS[suspension.reason]
        is_basal = as_basal(suspension.day)
        form = {"absolute": 0, "rate": 0, "reason": reason}
        yield treatment(
            suspension,
            pump,
            Kind.SUSPENSION,
            TEMP_BASAL if is_basal else "Note",
            ENTERED_BY,
            name=event_name(suspension.key),
            numbers=suspension.numbers,
            end=suspension.end,
            duration=minutes(suspension.start, suspension.end),
            **form if is_basal else {"notes": reason},
        )
