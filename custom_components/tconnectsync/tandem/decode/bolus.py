"""Events of a bolus: requested, started, delivered, ended."""

from custom_components.tconnectsync.instants import MINUTES_A_DAY
from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.enums import (
    BolusOption,
    BolusSource,
    BolusType,
    Completion,
)
from custom_components.tconnectsync.tandem.event_types import (
    BolusAmounts,
    BolusDelivery,
    BolusEnded,
    BolusOptions,
    BolusRequested,
    BolusStarted,
    PumpEvent,
)

from .header import Decoder, Header

MAX_BOLUS = 60.0
MAX_CARBS = 1000
MAX_CARB_RATIO = 300.0
LAST_ID = 65535


def _requested(fields: Properties, header: Header) -> PumpEvent:
    return BolusRequested(
        **header,
        bolus_id=fields.integer("bolusId", 0, LAST_ID),
        type=fields.optional_enum("bolusType", BolusType),
        carbs=fields.count("carbAmount", MAX_CARBS),
        glucose=fields.optional_integer("bg", 1, 1000),
        carb_ratio=fields.optional_milli("carbRatio", MAX_CARB_RATIO) or None,
        insulin_on_board=fields.insulin_on_board(),
    )


def _options(fields: Properties, header: Header) -> PumpEvent:
    return BolusOptions(
        **header,
        bolus_id=fields.integer("bolusId", 0, LAST_ID),
        option=fields.optional_enum("options", BolusOption),
        standard_percent=fields.optional_integer("standardPercent", 0, 100),
        duration=fields.optional_integer("duration", 0, MINUTES_A_DAY) or 0,
        correction_factor=fields.optional_integer("isf", 1, 1000),
        target=fields.optional_integer("targetBg", 1, 1000),
        override=fields.flag("userOverride"),
        declined_correction=fields.flag("declinedCorrection"),
    )


def _amounts(fields: Properties, header: Header) -> PumpEvent:
    return BolusAmounts(
        **header,
        bolus_id=fields.integer("bolusId", 0, LAST_ID),
        food=fields.optional_number("foodBolusSize", 0, MAX_BOLUS),
        correction=fields.optional_number("correctionBolusSize", -MAX_BOLUS, MAX_BOLUS),
        total=fields.number("totalBolusSize", 0, MAX_BOLUS),
    )


def _started(fields: Properties, header: Header) -> PumpEvent:
    extended = header["code"] == 59
    size = "bolexSize" if extended else "bolusSize"
    return BolusStarted(
        **header,
        bolus_id=fields.integer("bolusId", 0, LAST_ID),
        extended=extended,
        size=fields.optional_number(size, 0, MAX_BOLUS),
        insulin_on_board=fields.insulin_on_board(),
    )


def _ended(fields: Properties, header: Header) -> PumpEvent:
    return BolusEnded(
        **header,
        bolus_id=fields.integer("bolusId", 0, LAST_ID),
        extended=header["code"] == 21,
        completion=fields.optional_enum("completionStatus", Completion),
        delivered=fields.number("insulinDelivered", 0, MAX_BOLUS),
        requested=fields.optional_number("insulinRequested", 0, MAX_BOLUS),
        insulin_on_board=fields.insulin_on_board(),
    )


def _delivery(fields: Properties, header: Header) -> PumpEvent:
    return BolusDelivery(
        **header,
        bolus_id=fields.integer("bolusId", 0, LAST_ID),
        started=fields.integer("bolusDeliveryStatus", 0, 1) == 1,
        source=fields.optional_enum("bolusSource", BolusSource),
        requested_now=fields.optional_milli("requestedNow", MAX_BOLUS),
        requested_later=fields.optional_milli("requestedLater", MAX_BOLUS),
        correction=fields.optional_milli("correction", MAX_BOLUS),
        duration=fields.optional_integer("extendedDurationRequested", 0, MINUTES_A_DAY),
        delivered=fields.optional_milli("deliveredTotal", MAX_BOLUS),
    )


DECODERS: dict[int, Decoder] = {
    20: _ended,
    21: _ended,
    55: _started,
    59: _started,
    64: _requested,
    65: _options,
    66: _amounts,
    280: _delivery,
}
