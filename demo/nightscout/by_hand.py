"""Change treatments as a person does on Nightscout's own pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from .database import Database
from .dates import read_date, stamp
from .documents import Document, prepare_treatment

type Part = Literal["carbs", "insulin"]


class ByHand:
    """Changes that a signed-in person can make to treatments, each named by its `_id`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Change these."""
        self._database = database
        self._now = now

    def save(self, identity: str, **changes: Any) -> None:
        """Save a treatment in the reports: the complete document, its time cut to the minute.

        The page sends no `created_at`, so the offset becomes the server's own.
        """
        sent = self._get(identity) | changes
        at = read_date(sent.pop("created_at"))
        assert at
        sent["eventTime"] = stamp(at.replace(second=0, microsecond=0))
        self._write(identity, prepare_treatment(sent, self._now()))

    def move(self, identity: str, to: datetime) -> None:
        """Drag a treatment along the chart: nothing but its time changes."""
        self._write(identity, self._get(identity) | {"created_at": stamp(to)})

    def move_part(self, identity: str, part: Part, to: datetime) -> None:
        """Drag only the carbs or the insulin of a treatment: the original loses them, a copy has them."""
        whole = self._get(identity)
        other = "insulin" if part == "carbs" else "carbs"
        moved = {
            name: value for name, value in whole.items() if name not in {"_id", other}
        }
        self._write(
            identity, {name: value for name, value in whole.items() if name != part}
        )
        self._write(None, moved | {"created_at": stamp(to)})

    def delete(self, identity: str) -> None:
        """Delete a treatment in the reports."""
        self._database.delete("treatments", [identity])

    def _get(self, identity: str) -> Document:
        return self._database.collections["treatments"].documents[identity]

    def _write(self, identity: str | None, treatment: Document) -> None:
        self._database.write("treatments", identity, treatment)
