"""Shape events as they cross the wire from the simulated pump to the simulated Tandem Source."""

from datetime import UTC, datetime
import math
import struct
from typing import Any, TypedDict

UNSET_8 = 255
UNSET_16 = 65535
UNSET_32 = 4294967295
PUMP_EPOCH = int(datetime(2008, 1, 1, tzinfo=UTC).timestamp())
"""Second of the pump's own day 0, 2008-01-01."""


class RawEvent(TypedDict):
    """One event as pump-logs answers with it."""

    deviceAssignmentId: str
    eventCode: int
    sequenceGroup: int
    sequenceNumber: int
    pumpDateTime: str
    eventProperties: dict[str, Any]
    estimatedDateTime: str


def float32(value: float) -> float:
    """Return the number as a 32-bit float prints: 3.14 less one bit is 3.1399999."""
    (single,) = struct.unpack("f", struct.pack("f", value))
    for digits in range(1, 10):
        printed = float(f"{single:.{digits}g}")
        if struct.pack("f", printed) == struct.pack("f", single):
            return printed
    return float(single)


def float32_below(value: float) -> float:
    """Return the next smaller 32-bit float, the noise the pump's own sums carry."""
    if value <= 0:
        return 0.0
    (bits,) = struct.unpack("I", struct.pack("f", value))
    (single,) = struct.unpack("f", struct.pack("I", bits - 1))
    return float32(single) if math.isfinite(single) else value
