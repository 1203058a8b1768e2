"""Attribute Python's memory to the parts of the integration."""

from collections import Counter
import tracemalloc

INTEGRATION = "/custom_components/tconnectsync/"
OTHERS = "Home Assistant and libraries"


def by_part(snapshot: tracemalloc.Snapshot) -> Counter[str]:
    """Return the bytes in use that each part of the integration allocated, and those of all else.

    What was made of an answer, numbers above all, counts for http_request.py as long as it is held.
    """
    held = Counter[str]()
    for statistic in snapshot.statistics("filename"):
        _, own, inside = statistic.traceback[0].filename.partition(INTEGRATION)
        held[inside.split("/")[0] if own else OTHERS] += statistic.size
    return held
