"""Log the messages of a bolus: 64, 65, 66, 280, 20 and 21."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from .event_log import EventLog
from .wire import float32, float32_below

type Asker = Literal["pump", "phone", "quick", "algorithm"]

BOLUS_TYPE = {"pump": 0, "phone": 3, "quick": 0, "algorithm": 2}
OPTIONS = {"pump": 0, "phone": 4, "quick": 2, "algorithm": 3}
SOURCE = {"pump": 1, "phone": 8, "quick": 0, "algorithm": 7}


class Ending(IntEnum):
    """How a part of a bolus ended, as completionStatus numbers it."""

    USER = 0
    ALARM = 1
    MALFUNCTION = 2
    COMPLETED = 3
    REJECTED = 5
    LOW_GLUCOSE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request: amounts in mU, carbs in g, glucose in mg/dL, extension in minutes."""

    now: int
    later: int = 0
    minutes: int = 0
    carbs: int = 0
    correction: int = 0
    glucose: int = 0
    by: Asker = "pump"
    override: bool = False
    declined_correction: bool = False
    carb_ratio: float = 0.0
    correction_factor: int = 0
    target: int = 0

    @property
    def total(self) -> int:
        """The requested amount of both parts."""
        return self.now + self.later


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """The messages of one bolus."""

    log: EventLog
    id: int
    order: Order

    def request(self, on_board: float) -> None:
        """Log a request, with the units on board."""
        order, write = self.order, self.log.write
        asked_on_pump = order.by in ("pump", "quick")
        write(
            64,
            bolusId=self.id,
            bolusType=1 if order.by == "pump" and order.carbs else BOLUS_TYPE[order.by],
            correctionBolusIncluded=int(order.correction > 0),
            carbAmount=order.carbs,
            bg=order.glucose,
            iob=float32(on_board),
            carbRatio=round(order.carb_ratio * 1000) if asked_on_pump else 0,
        )
        write(
            65,
            bolusId=self.id,
            options=OPTIONS[order.by] + bool(order.later),
            standardPercent=round(100 * order.now / order.total)
            if order.total
            else 100,
            duration=order.minutes if order.later else 0,
            spareB6=0,
            isf=order.correction_factor if asked_on_pump else 0,
            targetBg=order.target if asked_on_pump else 0,
            userOverride=int(order.override),
            declinedCorrection=int(order.declined_correction),
            selectedIob=1,
        )
        write(
            66,
            bolusId=self.id,
            spareA2=0,
            foodBolusSize=float32(max(0, order.total - order.correction) / 1000),
            correctionBolusSize=float32(order.correction / 1000),
            totalBolusSize=float32(order.total / 1000),
        )

    def delivery(self, delivered: int | None = None) -> None:
        """Log that delivery starts, or that it has ended after some mU."""
        order = self.order
        kinds = (order.now, order.later, order.override, order.correction, order.carbs)
        self.log.write(
            280,
            bolusId=self.id,
            bolusDeliveryStatus=int(delivered is None),
            bolusType=[bit for bit, kind in enumerate(kinds) if kind],
            bolusSource=SOURCE[order.by],
            remoteId=76 if order.by == "phone" else 0,
            requestedNow=order.now,
            requestedLater=order.later,
            correction=max(0, order.correction),
            extendedDurationRequested=order.minutes if order.later else 0,
            deliveredTotal=delivered or 0,
        )

    def part_begun(self, *, extended: bool, units: float, on_board: float) -> None:
        """Log the start of the immediate part (55) or of the extended one (59)."""
        fields = {
            "bolusId": self.id,
            "selectedIob": 1,
            "spareA3": 0,
            "iob": float32(on_board),
        }
        size = float32_below(units)
        if extended:
            self.log.write(59, **fields, bolexSize=size)
        else:
            self.log.write(55, **fields, bolusSize=size)

    def part_over(
        self,
        ending: Ending,
        *,
        extended: bool,
        delivered: int,
        requested: int,
        on_board: float,
    ) -> None:
        """Log that the part given at once (20) or the extended one (21) is over; amounts in mU."""
        self.log.write(
            21 if extended else 20,
            completionStatus=int(ending),
            bolusId=self.id,
            iob=float32(on_board),
            insulinDelivered=float32_below(delivered / 1000),
            insulinRequested=float32_below(requested / 1000),
        )
