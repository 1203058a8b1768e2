"""The pump that the user pinned, if any."""

from collections.abc import Mapping
from typing import Any

from .const import AUTOMATIC_PUMP, CONF_PUMP


def pinned_serial_number(options: Mapping[str, Any]) -> str | None:
    """Return the serial number of the pinned pump, None where the pump in use is found automatically."""
    pump: str = options.get(CONF_PUMP, AUTOMATIC_PUMP)
    return None if pump == AUTOMATIC_PUMP else pump
