"""Changes of the pump's clock."""

from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.event_types import (
    DateChanged,
    PumpEvent,
    TimeChanged,
)

from .header import Decoder, Header

DAY_MILLISECONDS = 86400 * 1000
LAST_DAY = 65534


def _time_changed(fields: Properties, header: Header) -> PumpEvent:
    return TimeChanged(
        **header,
        before=fields.number("timePrior", 0, DAY_MILLISECONDS) / 1000,
        after=fields.number("timeAfter", 0, DAY_MILLISECONDS) / 1000,
    )


def _date_changed(fields: Properties, header: Header) -> PumpEvent:
    return DateChanged(
        **header,
        before=fields.integer("datePrior", 0, LAST_DAY),
        after=fields.integer("dateAfter", 0, LAST_DAY),
    )


DECODERS: dict[int, Decoder] = {13: _time_changed, 14: _date_changed}
