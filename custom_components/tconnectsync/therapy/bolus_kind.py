"""The kind of a bolus: automatic, extended, for a meal or a correction, or not known."""

from custom_components.tconnectsync.tandem.enums import (
    BolusOption,
    BolusSource,
    BolusType,
)

from .bolus_messages import BolusMessages
from .records import BolusKind

AUTOMATIC_OPTIONS = (BolusOption.AUTOMATIC, BolusOption.EATING_SOON_AUTOMATIC)
AUTOMATIC_SOURCES = (BolusSource.ALGORITHM, BolusSource.EATING_SOON)


def bolus_kind(messages: BolusMessages) -> BolusKind:
    """Return the kind of a bolus by all its messages."""
    if is_automatic(messages):
        return BolusKind.AUTOMATIC
    if messages.extended_requested != 0:
        return BolusKind.EXTENDED
    if messages.requested is None:
        return BolusKind.NOT_KNOWN
    return BolusKind.MEAL if messages.requested.carbs else BolusKind.CORRECTION


def is_automatic(messages: BolusMessages) -> bool:
    """Return whether the pump gave a bolus by itself, by its request, options (64, 65) or delivery (280)."""
    requested, options = messages.requested, messages.options
    return (
        (requested is not None and requested.type is BolusType.AUTOMATIC)
        or (options is not None and options.option in AUTOMATIC_OPTIONS)
        or messages.source in AUTOMATIC_SOURCES
    )
