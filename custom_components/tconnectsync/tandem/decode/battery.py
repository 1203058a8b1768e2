"""The battery's charge, and the insulin reported with it."""

from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.event_types import BatteryReading, PumpEvent

from .header import Decoder, Header


def _battery(fields: Properties, header: Header) -> PumpEvent:
    return BatteryReading(
        **header,
        percent=fields.integer("abc", 0, 100),
        insulin=fields.insulin_left("insulin"),
        insulin_on_board=None,
    )


def _daily_basal(fields: Properties, header: Header) -> PumpEvent:
    return BatteryReading(
        **header,
        percent=fields.integer("batteryChargePercent", 0, 100),
        insulin=None,
        insulin_on_board=fields.insulin_on_board(),
    )


DECODERS: dict[int, Decoder] = {
    9: _battery,
    34: _battery,
    35: _battery,
    81: _daily_basal,
}
