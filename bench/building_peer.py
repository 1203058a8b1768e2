"""Do the same work with tconnectsync's own functions; runs with its interpreter, in its environment."""

from collections import defaultdict
import gc
import json
from pathlib import Path
import sys
from time import process_time
from typing import Any

from tconnectsync.domain.tandemsource.event_class import EventClass  # type: ignore[import-not-found]  # installed for itself only
from tconnectsync.eventparser.generic import Events  # type: ignore[import-not-found]  # installed for itself only
from tconnectsync.sync.tandemsource.process import ProcessTimeRange  # type: ignore[import-not-found]  # installed for itself only

ATTEMPTS = 5


class NothingUploaded:
    """A Nightscout without any documents."""

    def __getattr__(self, name: str) -> Any:
        """Answer every request with an empty result."""
        return lambda *args, **kwargs: None


def build(raws: list[dict[str, Any]], features: list[str]) -> int:
    """Decode and build as its own sync does, and return how many documents that makes."""
    by_class: defaultdict[str, list[Any]] = defaultdict(list)
    stamps = []
    for event in Events(raws):
        stamps.append(event.eventTimestamp)
        if found := EventClass.for_event(event):
            by_class[found.name].append(event)
    built = 0
    for name, events in by_class.items():
        if processor_of := ProcessTimeRange.event_classes.get(name):
            processor = processor_of(None, NothingUploaded(), "pump", True, features)
            if processor.enabled():
                built += len(processor.process(events, min(stamps), max(stamps)))
    return built


def main(path: Path, *features: str) -> None:
    """Print the CPU seconds of the quickest of a few attempts."""
    raws = json.loads(path.read_bytes())
    best, built = float("inf"), 0
    for _ in range(ATTEMPTS):
        gc.collect()
        began = process_time()
        built = build(raws, list(features))
        best = min(best, process_time() - began)
    print(json.dumps({"processor": best, "documents": built}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
