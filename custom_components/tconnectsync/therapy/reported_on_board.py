"""Which of what the pump says of insulin on board holds all that is on board."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from .delivery import bolus_deliveries
from .history import History
from .records import InsulinOnBoard

LONGEST_DURATION = 480
"""Minutes that a pump lets insulin act at most; where the profile does not tell, it may be these."""
MINUTE = timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC)

type Span = tuple[datetime, datetime]


def reported_on_board(
    histories: Sequence[History], duration: float | None
) -> InsulinOnBoard | None:
    """Return what the pump in use, the first one, said last; None where more may be on board.

    So while a bolus is being delivered, and for a duration of insulin (min) after the pump took
    over from another one or began to count at 0 again.
    """
    history = histories[0]
    said = max(history.insulin_on_board, key=lambda one: one.key, default=None)
    if (
        said is None
        or any(bolus.in_progress for bolus in history.boluses)
        or any(part.end > said.start for part in bolus_deliveries(history))
    ):
        return None
    counted_from = max(_took_over(histories), said.counted_from or NEVER)
    acts = (duration or LONGEST_DURATION) * MINUTE
    return said if said.start - counted_from >= acts else None


def _took_over(histories: Sequence[History]) -> datetime:
    """Return when the pump in use began to deliver after every other one had stopped.

    That is now while another one still delivers, and the beginning of its log without others.
    """
    history = histories[0]
    others = [span for other in histories[1:] for span in _delivering(other)]
    stopped = max((end for _, end in others), default=NEVER)
    goes_on = (
        max(start, stopped) for start, end in _delivering(history) if end > stopped
    )
    began = min(goes_on, default=stopped) if others else NEVER
    return max(began, history.oldest or NEVER)


def _delivering(history: History) -> list[Span]:
    """Return when insulin flowed up to the newest event."""
    if history.newest is None:
        return []
    return [
        *(
            (segment.start, min(segment.end, history.newest))
            for segment in history.basal
            if segment.rate
        ),
        *((part.start, part.end) for part in bolus_deliveries(history)),
    ]
