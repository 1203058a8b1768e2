"""The two short forms of a case: repeated events every five minutes, and an ordinary bolus."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.pump.wire import PUMP_EPOCH, UNSET_16

from .shape import CaseError, keys, wall_clock

FIVE_MINUTES = timedelta(minutes=5)
ALGORITHM_STATES = {256: 6, 399: 32, 480: 100}
"""The values of a working sensor, by the code of its readings."""
READING_BITS = [0, 5, 6, 7, 8]
COUNTDOWN = timedelta(seconds=15)
SECONDS_PER_UNIT = 29

type Logged = tuple[datetime, int, dict[str, Any]]
"""The time on the pump's clock, the code, and the event's properties."""


def every_5_min(raw: Any, where: str) -> Iterator[Logged]:
    """Yield rates, doses and readings between two times, both included."""
    basal = ["basal", "source", "profile"]
    dose = ["dose", "active", "first_dose"]
    may = [*basal, *dose, "glucose", "code"]
    form = keys(raw, where, need=["every_5_min"], may=may)
    if not {"basal", "dose", "glucose"} & form.keys():
        raise CaseError(f"{where}: nothing happens")
    shown, last = (wall_clock(end, where) for end in form["every_5_min"])
    if last < shown:
        raise CaseError(f"{where}: ends before it begins")
    dose_id = form.get("first_dose", 1)
    while shown <= last:
        if "basal" in form:
            yield shown, 279, _rate(form)
        if "dose" in form:
            yield from _dose(form, shown, dose_id)
            dose_id += 1
        if "glucose" in form:
            read = shown + timedelta(seconds=2)
            yield read, form.get("code", 399), _reading(form, read)
        shown += FIVE_MINUTES


def _rate(form: Mapping[str, Any]) -> dict[str, Any]:
    rate, source = round(1000 * form["basal"]), form.get("source", 3)
    return {
        "commandedRateSource": source,
        "commandedRate": rate,
        "profileBasalRate": round(1000 * form.get("profile", 1.0)),
        "algorithmRate": rate if source in {3, 4} else UNSET_16,
        "tempRate": rate if source == 2 else UNSET_16,
    }


def _dose(form: Mapping[str, Any], shown: datetime, dose_id: int) -> Iterator[Logged]:
    about = {
        "doseId": dose_id,
        "doseSource": 3,
        "tempAdjustmentPercent": 100,
        "syncDoseSizeRequested": form["dose"],
        "currentBasalRate": round(12 * 1000 * form["dose"]),
        "activeInsulin": form["active"],
    }
    yield shown, 558, {**about, "profileBasalRate": 1000}
    delivered = {**about, "syncDoseSizeDelivered": form["dose"]}
    yield shown + timedelta(seconds=1), 559, delivered


def _reading(form: Mapping[str, Any], read: datetime) -> dict[str, Any]:
    return {
        "glucoseValueStatus": 0,
        "cgmDataType": [0],
        "rate": 0,
        "algorithmState": ALGORITHM_STATES[form.get("code", 399)],
        "rssi": -70,
        "currentGlucoseDisplayValue": form["glucose"],
        "egvTimeStamp": int(read.replace(tzinfo=UTC).timestamp()) - PUMP_EPOCH,
        "egvInfoBitmask": READING_BITS,
        "interval": 0,
    }


def bolus(raw: Any, where: str) -> Iterator[Logged]:
    """Yield the events of a bolus requested on the phone and delivered completely."""
    form = keys(raw, where, need=["bolus", "at", "units", "carbs", "iob"])
    asked = wall_clock(form["at"], where)
    begun = asked + COUNTDOWN
    done = begun + timedelta(seconds=round(SECONDS_PER_UNIT * form["units"]))
    yield from _asked_for(form, asked)
    activated = {"selectedIob": 1, "spareA3": 0, "bolusSize": form["units"]}
    yield begun, 55, {"bolusId": form["bolus"], "iob": form["iob"], **activated}
    yield begun, 280, _delivery(form, status=1, delivered=0)
    yield done, 280, _delivery(form, status=0, delivered=form["units"])
    completed = {
        "bolusId": form["bolus"],
        "completionStatus": 3,
        "iob": form["iob"] + form["units"],
        "insulinDelivered": form["units"],
        "insulinRequested": form["units"],
    }
    yield done, 20, completed


def _asked_for(form: Mapping[str, Any], asked: datetime) -> Iterator[Logged]:
    first = {
        "bolusType": 3,
        "correctionBolusIncluded": 0,
        "carbAmount": form["carbs"],
        "bg": 0,
        "iob": form["iob"],
        "carbRatio": 0,
    }
    second = {
        "options": 4,
        "standardPercent": 100,
        "duration": 0,
        "spareB6": 0,
        "isf": 0,
        "targetBg": 0,
        "userOverride": 0,
        "declinedCorrection": 0,
        "selectedIob": 1,
    }
    third = {
        "spareA2": 0,
        "foodBolusSize": form["units"],
        "correctionBolusSize": 0,
        "totalBolusSize": form["units"],
    }
    for code, message in ((64, first), (65, second), (66, third)):
        yield asked, code, {"bolusId": form["bolus"], **message}


def _delivery(
    form: Mapping[str, Any], *, status: int, delivered: float
) -> dict[str, Any]:
    return {
        "bolusId": form["bolus"],
        "bolusDeliveryStatus": status,
        "bolusType": [0, 4] if form["carbs"] else [0],
        "bolusSource": 8,
        "remoteId": 1,
        "requestedNow": round(1000 * form["units"]),
        "requestedLater": 0,
        "correction": 0,
        "extendedDurationRequested": 0,
        "deliveredTotal": round(1000 * delivered),
    }


SHORT_FORMS: dict[str, Callable[[Any, str], Iterator[Logged]]] = {
    "every_5_min": every_5_min,
    "bolus": bolus,
}
