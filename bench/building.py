"""Decode the events of a file and build their documents, with nothing around it: python -m bench.building."""

import gc
import json
from pathlib import Path
import sys
from time import process_time

from custom_components.tconnectsync.nightscout.document import PumpIdentity
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.features import Feature
from custom_components.tconnectsync.tandem.decode import decode_events
from custom_components.tconnectsync.therapy.history import derive

from .person import ZONE

PUMP = PumpIdentity(serial_number="11223344", model="t:slim X2")
ATTEMPTS = 5


def main(path: Path, *names: str) -> None:
    """Print the CPU seconds of the quickest of a few attempts."""
    raws = json.loads(path.read_bytes())
    features = [Feature(name.lower()) for name in names]
    best, built = float("inf"), 0
    for _ in range(ATTEMPTS):
        gc.collect()
        began = process_time()
        history = derive(decode_events(raws).events, [], ZONE, None)
        built = len(documents(history, PUMP, features))
        best = min(best, process_time() - began)
    print(json.dumps({"processor": best, "documents": built}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
