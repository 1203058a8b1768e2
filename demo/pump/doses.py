"""The log of a simulated pump in the form of the newer algorithm, which logs doses instead of rates."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from .wire import RawEvent


def in_doses(
    log: Iterable[tuple[datetime, RawEvent]],
) -> Iterator[tuple[datetime, RawEvent]]:
    """Yield a log in which rates are doses, each logged five minutes after its start."""
    source = delivered = dose = 0
    for instant, event in log:
        number = event["sequenceNumber"] + dose
        if event["eventCode"] != 279 or "commandedRate" not in event["eventProperties"]:
            yield instant, {**event, "sequenceNumber": number}
            continue
        rate = event["eventProperties"]
        ended = {
            "doseId": dose,
            "doseSource": source,
            "syncDoseSizeDelivered": delivered / 12_000,
        }
        dose, delivered = dose + 1, rate["commandedRate"]
        source = rate["commandedRateSource"]
        begun = {"doseId": dose, "profileBasalRate": rate["profileBasalRate"]}
        for place, (code, properties) in enumerate(((559, ended), (558, begun))):
            yield (
                instant,
                {
                    **event,
                    "eventCode": code,
                    "sequenceNumber": number + place,
                    "eventProperties": properties,
                },
            )
