"""Basal rates, suspending and resuming."""

from custom_components.tconnectsync.tandem.event_fields import Properties
from custom_components.tconnectsync.tandem.events import (
    BasalDelivery,
    BasalRateChange,
    BasalSource,
    DeliveryResumed,
    DeliverySuspended,
    PumpEvent,
    SuspendReason,
)

from .header import Decoder, Header

MAX_RATE = 40.0
MAX_CARTRIDGE = 500


def _basal_delivery(fields: Properties, header: Header) -> PumpEvent:
    return BasalDelivery(
        **header,
        source=fields.enum("commandedRateSource", BasalSource),
        rate=fields.milli("commandedRate", MAX_RATE),
        profile_rate=fields.optional_milli("profileBasalRate", MAX_RATE),
    )


def _basal_rate_change(fields: Properties, header: Header) -> PumpEvent:
    return BasalRateChange(
        **header,
        rate=fields.number("commandedBasalRate", 0, MAX_RATE),
        profile_rate=fields.optional_number("baseBasalRate", 0, MAX_RATE),
        changes=fields.bits("changeType"),
    )


def _suspended(fields: Properties, header: Header) -> PumpEvent:
    return DeliverySuspended(
        **header,
        reason=fields.optional_enum("suspendReason", SuspendReason),
        insulin=fields.optional_integer("insulinAmount", 0, MAX_CARTRIDGE),
    )


def _resumed(fields: Properties, header: Header) -> PumpEvent:
    return DeliveryResumed(
        **header, insulin=fields.optional_integer("insulinAmount", 0, MAX_CARTRIDGE)
    )


DECODERS: dict[int, Decoder] = {
    3: _basal_rate_change,
    11: _suspended,
    12: _resumed,
    279: _basal_delivery,
}
