"""Basal rates and doses, suspensions and resumptions, switching off and on."""

from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.enums import (
    BasalRateChangeBit,
    BasalSource,
    SuspendReason,
)
from custom_components.tconnectsync.tandem.event_types import (
    BasalDelivery,
    BasalRateChange,
    DeliveryResumed,
    DeliverySuspended,
    DoseDelivered,
    DoseStarted,
    LogCorrupted,
    NewDay,
    PumpEvent,
    PumpRestarted,
    ShelfModeEntered,
)

from .header import Decoder, Header

MAX_RATE = 40.0
STOPS = frozenset({BasalRateChangeBit.SUSPENDED, BasalRateChangeBit.SHUT_DOWN})
"""Bits with which nothing is delivered, whatever rate the event carries."""
MAX_DOSE = 10.0
MAX_DOSE_ID = 65535
DOSE_DIGITS = 6
"""About 288 doses make up a day: rounded like other amounts, their sum would be off by a tenth of a unit."""


def _basal_delivery(fields: Properties, header: Header) -> PumpEvent:
    source = fields.enum("commandedRateSource", BasalSource)
    suspended = source is BasalSource.SUSPENDED
    return BasalDelivery(
        **header,
        source=source,
        rate=0.0 if suspended else fields.milli("commandedRate", MAX_RATE),
        profile_rate=fields.optional_milli("profileBasalRate", MAX_RATE),
    )


def _basal_rate_change(fields: Properties, header: Header) -> PumpEvent:
    changes = fields.bits("changeType")
    stops = not STOPS.isdisjoint(changes)
    return BasalRateChange(
        **header,
        rate=0.0 if stops else fields.number("commandedBasalRate", 0, MAX_RATE),
        profile_rate=fields.optional_number("baseBasalRate", 0, MAX_RATE),
        changes=changes,
    )


def _suspended(fields: Properties, header: Header) -> PumpEvent:
    return DeliverySuspended(
        **header,
        reason=fields.optional_enum("suspendReason", SuspendReason),
        insulin=fields.insulin_left("insulinAmount"),
    )


def _resumed(fields: Properties, header: Header) -> PumpEvent:
    return DeliveryResumed(**header, insulin=fields.insulin_left("insulinAmount"))


def _dose_started(fields: Properties, header: Header) -> PumpEvent:
    return DoseStarted(
        **header,
        dose_id=fields.integer("doseId", 0, MAX_DOSE_ID),
        profile_rate=fields.optional_milli("profileBasalRate", MAX_RATE),
    )


def _dose_delivered(fields: Properties, header: Header) -> PumpEvent:
    return DoseDelivered(
        **header,
        dose_id=fields.integer("doseId", 0, MAX_DOSE_ID),
        source=fields.enum("doseSource", BasalSource),
        delivered=fields.number("syncDoseSizeDelivered", 0, MAX_DOSE, DOSE_DIGITS),
        insulin_on_board=fields.insulin_on_board("activeInsulin"),
    )


def by_code_alone(header: Header) -> PumpEvent | None:
    """Return the event that the code alone defines, None for other codes."""
    event = BY_CODE_ALONE.get(header["code"])
    return event(**header) if event else None


def _by_code_alone(event: type[PumpEvent]) -> Decoder:
    return lambda _fields, header: event(**header)


def _new_day(fields: Properties, header: Header) -> PumpEvent:
    return NewDay(
        **header, rate=fields.optional_number("commandedBasalRate", 0, MAX_RATE)
    )


BY_CODE_ALONE: dict[int, type[PumpEvent]] = {
    53: ShelfModeEntered,
    60: LogCorrupted,
    99: PumpRestarted,
}
DECODERS: dict[int, Decoder] = {
    **{code: _by_code_alone(event) for code, event in BY_CODE_ALONE.items()},
    3: _basal_rate_change,
    11: _suspended,
    12: _resumed,
    90: _new_day,
    279: _basal_delivery,
    558: _dose_started,
    559: _dose_delivered,
}
