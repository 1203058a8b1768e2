"""What an account remembers besides the events: where reading stands, what was sent and told."""

from typing import Any, Literal, TypedDict

from .event_store import Row

WHERE_READING_STANDS: tuple[Literal["read", "read_from", "swept"], ...] = (
    "read",
    "read_from",
    "swept",
)
"""Notes that are true only while every day is held."""


class PumpNotes(TypedDict, total=False):
    """Where the reading of one pump stands; instants are ISO texts in UTC."""

    read: list[str | None]
    """What the pumper answer said when the log was last read completely."""
    read_from: str
    """Pump day from which everything was read; records of later days are whole."""
    reading_from: str
    """The same as soon as the reading that has begun is through; nothing is whole until then."""
    last_upload: str
    """The greatest seen."""
    read_at: str
    """When the log was last read of which Tandem did not tell the time of upload."""
    swept: str
    """When the last four weeks were last read."""
    clock_changes: list[Row]


class Notes(TypedDict, total=False):
    """What an account remembers besides the events."""

    token: dict[str, str]
    pumper: dict[str, Any]
    pumps: dict[str, PumpNotes]
    worn: list[str]
    """Serial numbers of the pumps that were ever in use."""
    replaced: bool
    """Whether the person is still to be told that another pump took over."""
    told: dict[str, str]
    """What was told as news, and when it happened."""
    starts: dict[str, dict[str, str]]
    """First pump day of each feature, by Nightscout address."""
    forwarded: Forwarded
    behind: str | None
    """The oldest pump day compared that Nightscout may not have all of."""
    profiles: dict[str, ProfileNotes]
    """By Nightscout address."""
    owed_from: str
    """Pump day from which everything is owed up to the days that are kept."""


class ProfileNotes(TypedDict, total=False):
    """Which settings a site has the profiles of."""

    seen: str
    """The settings as an upload last showed them."""
    since: str
    """The first upload that showed them."""
    sent: str


class Forwarded(TypedDict, total=False):
    """What Nightscout was given so far."""

    last_sync: str | None
    sent: int


def forget_where_reading_stands(notes: PumpNotes) -> None:
    """Have everything of a pump read again, for not every day is held."""
    for mark in WHERE_READING_STANDS:
        notes.pop(mark, None)
