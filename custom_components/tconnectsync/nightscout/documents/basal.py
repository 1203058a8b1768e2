"""Basal segments, suspensions and gaps as temporary basal rates."""

from collections.abc import Iterable, Iterator

from custom_components.tconnectsync.nightscout.document import (
    ENTERED_BY,
    Document,
    PumpIdentity,
    minutes,
    treatment,
)
from custom_components.tconnectsync.nightscout.identifiers import (
    TEMP_BASAL,
    Kind,
    event_name,
)
from custom_components.tconnectsync.tandem.enums import BasalSource
from custom_components.tconnectsync.therapy.records import (
    RATE_DIGITS,
    BasalGap,
    BasalSegment,
    StopReason,
    Suspension,
)

RATE_REASONS = {
    BasalSource.SUSPENDED: "Suspended",
    BasalSource.PROFILE: "Profile rate",
    BasalSource.TEMP_RATE: "Temp rate",
    BasalSource.ALGORITHM: "Adjusted automatically",
    BasalSource.TEMP_RATE_AND_ALGORITHM: "Temp rate, adjusted automatically",
}
STOP_REASONS: dict[StopReason | None, str] = {
    None: "Suspended",
    StopReason.USER: "Suspended: by hand",
    StopReason.ALARM: "Suspended: alarm",
    StopReason.MALFUNCTION: "Suspended: malfunction",
    StopReason.LOW_GLUCOSE: "Suspended: low glucose ahead",
    StopReason.SHUT_DOWN: "Pump off: shut down",
    StopReason.SHELF_MODE: "Pump off: shelf mode",
    StopReason.RESTARTED: "Suspended: pump restarted",
}
RATE_UNKNOWN = "Basal not known: the pump told no rate"


def temp_basals(segment: BasalSegment, pump: PumpIdentity) -> list[Document]:
    """Return a temporary basal (U/h, minutes) for a span of one rate."""
    return [
        treatment(
            segment,
            pump,
            Kind.BASAL,
            TEMP_BASAL,
            ENTERED_BY,
            name=event_name(segment.key),
            numbers=segment.numbers,
            end=segment.end,
            absolute=round(segment.rate, RATE_DIGITS),
            rate=round(segment.rate, RATE_DIGITS),
            duration=minutes(segment.start, segment.end),
            reason=RATE_REASONS[segment.source],
        )
    ]


def suspension_documents(
    suspensions: Iterable[Suspension], pump: PumpIdentity, *, as_basal: bool
) -> Iterator[Document]:
    """Yield a temporary basal of 0 U/h, or a note, for every suspension."""
    for suspension in suspensions:
        reason = STOP_REASONS[suspension.reason]
        rate = {"absolute": 0, "rate": 0, "reason": reason}
        yield treatment(
            suspension,
            pump,
            Kind.SUSPENSION,
            TEMP_BASAL if as_basal else "Note",
            ENTERED_BY,
            name=event_name(suspension.key),
            numbers=suspension.numbers,
            end=suspension.end,
            duration=minutes(suspension.start, suspension.end),
            **rate if as_basal else {"notes": reason},
        )


def basal_gap_documents(
    gaps: Iterable[BasalGap], pump: PumpIdentity
) -> Iterator[Document]:
    """Yield a temporary basal of 0 U/h and a note for every span without a known rate.

    Without the 0 U/h Nightscout would draw and count the profile's rate.
    """
    for gap in gaps:
        duration = minutes(gap.start, gap.end)
        yield treatment(
            gap,
            pump,
            Kind.BASAL_GAP,
            TEMP_BASAL,
            ENTERED_BY,
            name=event_name(gap.key),
            numbers=(gap.key[1],),
            end=gap.end,
            absolute=0,
            rate=0,
            duration=duration,
            reason=RATE_UNKNOWN,
        )
        yield treatment(
            gap,
            pump,
            Kind.BASAL_GAP_NOTE,
            "Note",
            ENTERED_BY,
            name=event_name(gap.key),
            numbers=(gap.key[1],),
            end=gap.end,
            duration=duration,
            notes=RATE_UNKNOWN,
        )
