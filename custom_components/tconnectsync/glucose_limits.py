"""The limits between which glucose counts as in range."""

from collections.abc import Mapping
from typing import Any

from .const import CONF_HIGH_LIMIT, CONF_LOW_LIMIT
from .tandem import Pumper

DEFAULT_LOW_LIMIT = 70
DEFAULT_HIGH_LIMIT = 180


def account_limits(pumper: Pumper | None) -> tuple[float, float]:
    """Return the low and high limits (mg/dL) of a Tandem account, 70 and 180 where it has none."""
    return (
        (pumper and pumper.low_glucose) or DEFAULT_LOW_LIMIT,
        (pumper and pumper.high_glucose) or DEFAULT_HIGH_LIMIT,
    )


def glucose_limits(
    options: Mapping[str, Any], pumper: Pumper | None
) -> tuple[float, float]:
    """Return the low and high limits (mg/dL) in force: from the options, or else from the account."""
    low, high = account_limits(pumper)
    return options.get(CONF_LOW_LIMIT, low), options.get(CONF_HIGH_LIMIT, high)
