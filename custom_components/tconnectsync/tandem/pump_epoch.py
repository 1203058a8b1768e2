"""The start of the pump's clock, which has no time zone."""

from datetime import datetime

PUMP_EPOCH = datetime(2008, 1, 1)  # noqa: DTZ001 - see above
