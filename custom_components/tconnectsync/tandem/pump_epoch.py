"""What a pump's clock counts from; it knows no zone."""

from datetime import datetime

PUMP_EPOCH = datetime(2008, 1, 1)  # noqa: DTZ001 - see above
