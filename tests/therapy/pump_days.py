"""A pump's log written by hand, event by event."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.tandem.event_types import (
    DateChanged,
    PumpEvent,
    RawEvent,
    TimeChanged,
)
from custom_components.tconnectsync.therapy.history import History, derive

EPOCH = datetime.fromisoformat("2008-01-01")
DAY = "2026-05-14"
WELL = {256: 6, 372: 100, 399: 32, 480: 100}
"""The algorithm state of a working sensor, by the code of its readings."""


def at(time: str, day: str = DAY) -> datetime:
    """Return an instant on the test day, in UTC."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


type Raws = Iterable[Mapping[str, object]]
"""Events in wire shape, from any pump."""


def typed(raws: Raws) -> list[PumpEvent]:
    """Return the decoded events of raw ones."""
    return decode_events(map(dict, raws)).events


def history(
    raws: Raws,
    *,
    zone: str = "UTC",
    last_upload: datetime | None = None,
    clock_changes: Raws = (),
) -> History:
    """Return the history of events, by a clock in UTC by default."""
    changes = [
        event
        for event in typed(clock_changes)
        if isinstance(event, (TimeChanged, DateChanged))
    ]
    return derive(typed(raws), changes, ZoneInfo(zone), last_upload)


class PumpDay:
    """A pump's day; times are on its wall clock, and each event follows the last one in the log."""

    def __init__(self, day: str = DAY, *, group: int = 0, first: int = 1000) -> None:
        """Start an empty log at a sequence number."""
        self.day = day
        self.group = group
        self.number = first
        self.raws: list[RawEvent] = []

    def history(self, **options: Any) -> History:
        """Return the history of the day."""
        return history(self.raws, **options)

    def next_day(self) -> Self:
        """Continue on the next day."""
        tomorrow = datetime.fromisoformat(self.day) + timedelta(days=1)
        self.day = tomorrow.date().isoformat()
        return self

    def write(self, time: str, code: int, **properties: Any) -> Self:
        """Log any event."""
        raw = {
            "eventCode": code,
            "sequenceGroup": self.group,
            "sequenceNumber": self.number,
            "pumpDateTime": time if "T" in time else f"{self.day}T{time}",
            "eventProperties": properties,
        }
        self.number += 1
        self.raws.append(raw)
        return self

    def seen(self, time: str) -> Self:
        """Log an event without a meaning, so that the log extends to this time."""
        return self.write(time, 37)

    # Basal.

    def basal(
        self, time: str, rate: float, *, source: int = 3, profile: float = 1.0
    ) -> Self:
        """Log the current rate (279)."""
        return self.write(
            time,
            279,
            commandedRateSource=source,
            commandedRate=round(rate * 1000),
            profileBasalRate=round(profile * 1000),
        )

    def rate_change(
        self, time: str, rate: float, *bits: int, profile: float = 1.0
    ) -> Self:
        """Change the rate, for pumps that log no 279."""
        return self.write(
            time,
            3,
            commandedBasalRate=rate,
            baseBasalRate=profile,
            changeType=list(bits),
        )

    def suspend(self, time: str, reason: int = 0, *, insulin: int = 150) -> Self:
        """Stop delivery."""
        return self.write(time, 11, suspendReason=reason, insulinAmount=insulin)

    def resume(self, time: str, *, insulin: int = 150) -> Self:
        """Resume delivery."""
        return self.write(time, 12, insulinAmount=insulin)

    # Boluses.

    def ask(
        self,
        time: str,
        bolus: int,
        units: float,
        *,
        carbs: int = 0,
        glucose: int = 0,
        correction: float = 0.0,
        kind: int = 0,
        option: int = 0,
        percent: int = 100,
        minutes: int = 0,
        **details: Any,
    ) -> Self:
        """Request a bolus (64, 65, 66)."""
        ratio, iob = details.pop("carb_ratio", 0), details.pop("iob", 0.5)
        self.write(
            time,
            64,
            bolusId=bolus,
            bolusType=kind,
            carbAmount=carbs,
            bg=glucose,
            carbRatio=ratio,
            iob=iob,
        )
        self.write(
            time,
            65,
            bolusId=bolus,
            options=option,
            standardPercent=percent,
            duration=minutes,
            **{"isf": 0, "targetBg": 0, **details},
        )
        return self.write(
            time,
            66,
            bolusId=bolus,
            foodBolusSize=units - correction,
            correctionBolusSize=correction,
            totalBolusSize=units,
        )

    def start(
        self,
        time: str,
        bolus: int,
        now: float,
        later: float = 0.0,
        *,
        minutes: int = 0,
        source: int = 1,
    ) -> Self:
        """Start the first part (55 or 59) and log its summary (280)."""
        if now:
            self.write(time, 55, bolusId=bolus, bolusSize=now, iob=0.5)
        else:
            self.start_extended(time, bolus, later)
        return self.summary(
            time, bolus, now, later, minutes=minutes, source=source, done=False
        )

    def start_extended(self, time: str, bolus: int, units: float) -> Self:
        """Start the extended part (59)."""
        return self.write(time, 59, bolusId=bolus, bolexSize=units, iob=0.5)

    def end(
        self,
        time: str,
        bolus: int,
        units: float,
        *,
        status: int = 3,
        asked: float | None = None,
        extended: bool = False,
        iob: float = 1.5,
    ) -> Self:
        """End a part (20 or 21)."""
        return self.write(
            time,
            21 if extended else 20,
            bolusId=bolus,
            completionStatus=status,
            insulinDelivered=units,
            insulinRequested=units if asked is None else asked,
            iob=iob,
        )

    def summary(
        self,
        time: str,
        bolus: int,
        now: float,
        later: float = 0.0,
        *,
        delivered: float = 0.0,
        minutes: int = 0,
        source: int = 1,
        done: bool = True,
    ) -> Self:
        """Log the summary of a bolus, started or done (280)."""
        return self.write(
            time,
            280,
            bolusId=bolus,
            bolusDeliveryStatus=int(not done),
            bolusSource=source,
            requestedNow=round(now * 1000),
            requestedLater=round(later * 1000),
            extendedDurationRequested=minutes,
            deliveredTotal=round(delivered * 1000),
            correction=0,
        )

    # Alarms.

    def alarm(self, time: str, number: int = 2) -> Self:
        """Raise an alarm."""
        return self.write(time, 5, alarmId=number)

    def malfunction(self, time: str, number: int = 9) -> Self:
        """Raise a malfunction."""
        return self.write(time, 6, malfId=number)

    def alert(self, time: str, number: int = 0) -> Self:
        """Raise an alert."""
        return self.write(time, 4, alertId=number)

    def cgm_alert(
        self, time: str, number: int = 2, *, param1: int | None = None
    ) -> Self:
        """Raise a CGM alert."""
        return self.write(time, 369, dalertId=number, param1=param1)

    # Sensor.

    def reading(
        self,
        time: str,
        value: int,
        *,
        status: int = 0,
        rate: int = 0,
        read_at: str | None = None,
        code: int = 399,
        backfilled: bool = False,
        minutely: bool = False,
        algorithm: int | None = None,
        info: list[int] | None = None,
    ) -> Self:
        """Log a sensor reading, measured at the same time by default."""
        measured = read_at or time
        stamp = datetime.fromisoformat(
            measured if "T" in measured else f"{self.day}T{measured}"
        )
        return self.write(
            time,
            code,
            glucoseValueStatus=status,
            cgmDataType=[int(backfilled), *([5] if minutely else [])],
            rate=rate,
            rssi=-60,
            algorithmState=WELL[code] if algorithm is None else algorithm,
            currentGlucoseDisplayValue=value,
            egvTimeStamp=int((stamp - EPOCH).total_seconds()),
            egvInfoBitmask=info,
        )

    # Clock.

    def time_moved(self, stamp: str, before: str, after: str) -> Self:
        """Move the time of day (13)."""
        prior, new = (
            int((at(time) - at("00:00")).total_seconds() * 1000)
            for time in (before, after)
        )
        return self.write(stamp, 13, timePrior=prior, timeAfter=new)

    def date_moved(self, stamp: str, before: str, after: str) -> Self:
        """Move the date (14)."""
        prior, new = (
            (datetime.fromisoformat(day) - EPOCH).days for day in (before, after)
        )
        return self.write(stamp, 14, datePrior=prior, dateAfter=new)
