"""From what happened to the documents that Nightscout is to hold."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import date

from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History

from .alarms import alarms
from .basal import gaps, segments, suspensions
from .boluses import boluses
from .device_status import device_status
from .fills import fills
from .glucose import glucose
from .modes import modes
from .sensors import sensors

__all__ = ["documents"]


def documents(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    starts: Mapping[Feature, date] | None = None,
    days: Container[date] | None = None,
    *,
    others: Sequence[History] = (),
) -> list[Document]:
    """Return every document that these features want from their start on, oldest first.

    With days, only those of these pump days. Suspensions are temporary basals of 0 U/h where
    BASAL is wanted, else notes of PUMP_EVENTS. What the other pumps gave decides whether this one
    knows all that is on board.
    """
    starts = starts or {}

    def wanted(feature: Feature, day: date) -> bool:
        return (
            feature in features
            and day >= starts.get(feature, date.min)
            and (days is None or day in days)
        )

    def found() -> Iterator[Document]:
        yield from segments(
            (one for one in history.basal if wanted(Feature.BASAL, one.day)), pump
        )
        yield from suspensions(
            history, pump, as_basal=lambda day: wanted(Feature.BASAL, day)
        )
        yield from gaps(history.basal_gaps, pump)
        yield from boluses(history, pump)
        yield from alarms(history, pump)
        yield from fills(history, pump)
        yield from modes(history, pump)
        yield from sensors(history, pump)
        yield from glucose(
            (one for one in history.readings if wanted(Feature.CGM, one.day)), pump
        )
        if Feature.DEVICE_STATUS in features:
            yield from device_status(history, pump, others)

    return sorted(
        (document for document in found() if wanted(document.feature, document.day)),
        key=lambda document: (document.created_at, document.identifier),
    )
