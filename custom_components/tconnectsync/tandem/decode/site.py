"""Cartridge, tubing and cannula fills."""

from custom_components.tconnectsync.tandem.checked_fields import Properties
from custom_components.tconnectsync.tandem.enums import Completion
from custom_components.tconnectsync.tandem.event_types import (
    CannulaFilled,
    CartridgeFilled,
    PumpEvent,
    TubingFilled,
)

from .header import Decoder, Header

MAX_CARTRIDGE = 500
MAX_PRIME = 100.0


def _cartridge_filled(fields: Properties, header: Header) -> PumpEvent:
    volumes = (
        fields.optional_number(key, 0, MAX_CARTRIDGE)
        for key in ("insulinVolume", "v2Volume")
    )
    return CartridgeFilled(**header, filled=next(filter(None, volumes), None))


def _tubing_filled(fields: Properties, header: Header) -> PumpEvent:
    return TubingFilled(
        **header, primed=_primed(fields), completion=_completion(fields)
    )


def _cannula_filled(fields: Properties, header: Header) -> PumpEvent:
    return CannulaFilled(
        **header, primed=_primed(fields), completion=_completion(fields)
    )


def _primed(fields: Properties) -> float | None:
    return fields.optional_number("primeSize", 0, MAX_PRIME)


def _completion(fields: Properties) -> Completion | None:
    return fields.optional_enum("completionStatus", Completion)


DECODERS: dict[int, Decoder] = {
    33: _cartridge_filled,
    61: _cannula_filled,
    63: _tubing_filled,
}
