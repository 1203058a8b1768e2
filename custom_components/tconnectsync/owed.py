"""Days that are owed: between what was passed on completely and what is kept."""

from datetime import date

from .store import Notes


def owe(notes: Notes, day: date) -> None:
    """Note that everything from a pump day on is owed, up to the days that are kept."""
    first = day.isoformat()
    notes["owed_from"] = min(notes.get("owed_from", first), first)
