"""Notes about a bolus that was not delivered as requested, in English for Nightscout."""

from collections.abc import Iterator

from custom_components.tconnectsync.tandem.enums import Completion

from .records import Bolus

SHORT_BY = 0.0051
"""U; less than this is rounding."""
ENDS: dict[Completion | None, str] = {
    Completion.USER_ABORTED: "stopped by hand",
    Completion.ALARM: "stopped by an alarm",
    Completion.MALFUNCTION: "stopped by a malfunction",
    Completion.REJECTED: "rejected by the pump",
    Completion.LOW_GLUCOSE_SUSPEND: "stopped by low-glucose suspend",
}


def bolus_notes(bolus: Bolus) -> str | None:
    """Return the notes about a bolus, None without any."""
    return "; ".join(_bolus_notes(bolus)) or None


def not_delivered(bolus: Bolus) -> str:
    """Return the note that a bolus was not delivered, with the reason."""
    note = _with_reason(f"Bolus of {bolus.requested:.2f} U not delivered", bolus)
    return f"{note}; carbs not known" if bolus.carbs is None else note


def _bolus_notes(bolus: Bolus) -> Iterator[str]:
    if bolus.never_started:
        yield f"{bolus.requested:.2f} U asked for, never started"
    if bolus.start_lost_at:
        yield f"{bolus.requested:.2f} U asked for, not known whether given"
    if bolus.end_missing:
        yield "End not recorded"
    ended = bolus.end is not None or bolus.end_missing
    if ended and bolus.requested - bolus.delivered > SHORT_BY:
        delivered = f"{bolus.delivered:.2f} of {bolus.requested:.2f} U delivered"
        yield _with_reason(delivered, bolus)
    if bolus.carbs is None:
        yield "Carbs not known"
    if bolus.override:
        yield "Suggested dose overridden"
    if bolus.declined_correction:
        yield "Suggested correction declined"


def _with_reason(note: str, bolus: Bolus) -> str:
    reason = ENDS.get(bolus.completion)
    return f"{note}: {reason}" if reason else note
