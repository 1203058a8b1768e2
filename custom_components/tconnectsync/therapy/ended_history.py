"""The history of a pump that is no longer in use: nothing in it is still running."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from .history import History
from .records import BasalGap, BasalSegment, Suspension


def ended_history(history: History) -> History:
    """Return the history of a pump that is not in use: everything ends with its newest event.

    How a bolus or a suspension ended that was running then is unknown.
    """
    newest = history.newest
    if newest is None:
        return history
    return replace(
        history,
        boluses=tuple(
            replace(bolus, in_progress=False, end_missing=True)
            if bolus.in_progress
            else bolus
            for bolus in history.boluses
        ),
        basal=_ended(history.basal, newest),
        suspensions=_ended(
            [
                replace(
                    suspension,
                    end_known=suspension.end_known and not suspension.running,
                )
                for suspension in history.suspensions
            ],
            newest,
        ),
        basal_gaps=_ended(history.basal_gaps, newest),
        activities=tuple(
            activity if activity.end else replace(activity, end=newest)
            for activity in history.activities
        ),
    )


def _ended[R: (BasalSegment, Suspension, BasalGap)](
    records: Iterable[R], newest: datetime
) -> tuple[R, ...]:
    return tuple(
        replace(record, running=False, end=min(record.end, newest))
        if record.running
        else record
        for record in records
    )
