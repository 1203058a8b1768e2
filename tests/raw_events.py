"""Events as Tandem returns them, and the contents of event stores."""

from pathlib import Path
from typing import Any

from custom_components.tconnectsync.storage.event_store import EventStore
from custom_components.tconnectsync.tandem.event_types import RawEvent


def event(
    number: int, time: str = "2026-05-14T12:00:00", **properties: Any
) -> RawEvent:
    """Return an event as Tandem returns it."""
    return {
        "deviceAssignmentId": "1b493210-9336-4901-a329-a352775738c5",
        "eventCode": 279,
        "sequenceGroup": 0,
        "sequenceNumber": number,
        "pumpDateTime": time,
        "estimatedDateTime": f"{time}Z",
        "eventProperties": {
            "commandedRate": 800,
            "commandedRateSource": 1,
            "profileBasalRate": 800,
            **properties,
        },
    }


def numbers(store: EventStore) -> list[int]:
    """Return the sequence numbers of the stored events."""
    return sorted(event.number for event in store.events())


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder and its subfolders."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
