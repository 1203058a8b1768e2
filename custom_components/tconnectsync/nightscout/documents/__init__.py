"""From what happened to the documents that Nightscout is to hold."""

from collections.abc import Collection, Mapping
from datetime import date

from custom_components.tconnectsync.nightscout.document import Document, PumpIdentity
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.therapy.history import History

from .basal import segments, suspensions
from .boluses import boluses
from .pump_events import pump_events

__all__ = ["documents"]


def documents(
    history: History,
    pump: PumpIdentity,
    features: Collection[Feature],
    starts: Mapping[Feature, date] | None = None,
) -> list[Document]:
    """Return every document that these features want from their start on, oldest first.

    Suspensions are temporary basals of 0 U/h where BASAL is wanted, else notes of PUMP_EVENTS.
    """
    starts = starts or {}

    def wanted(feature: Feature, day: date) -> bool:
        return feature in features and day >= starts.get(feature, date.min)

    found = [
        *segments(history, pump),
        *suspensions(
            history,
            pump,
            as_basal=lambda day: wanted(Feature.BASAL, day),
        ),
        *boluses(history, pump),
        *pump_events(history, pump),
    ]
    return sorted(
        (document for document in found if wanted(document.feature, document.day)),
        key=lambda document: (document.created_at, document.identifier),
    )
