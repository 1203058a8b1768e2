"""Tell whose it is what Python holds in memory."""

from collections import Counter
import tracemalloc

INTEGRATION = "/custom_components/tconnectsync/"
OTHERS = "Home Assistant and libraries"


def by_part(snapshot: tracemalloc.Snapshot) -> Counter[str]:
    """Return how many bytes are held of what each part of the integration made, and of all else.

    What was made of an answer, numbers above all, counts for http_request.py as long as it is held.
    """
    held = Counter[str]()
    for statistic in snapshot.statistics("filename"):
        _, own, inside = statistic.traceback[0].filename.partition(INTEGRATION)
        held[inside.split("/")[0] if own else OTHERS] += statistic.size
    return held
