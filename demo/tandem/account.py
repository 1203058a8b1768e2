"""List a person's pumps at the simulated Tandem Source, and make uploads visible."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import NAMESPACE_URL, uuid5

from demo.pump.wire import RawEvent

CLOCK_CHANGES = {13, 14}


class Uploading(Protocol):
    """The parts of a pump that the service needs: its identity and its log with true times."""

    @property
    def serial_number(self) -> str:
        """Serial number on the pump's back."""
        ...

    @property
    def about(self) -> dict[str, Any]:
        """Model, part number, software version and algorithm as pumper names them."""
        ...

    @property
    def assignment_id(self) -> str:
        """Key of this pump in pump-logs."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """Settings as settings.details carries them."""
        ...

    @property
    def events(self) -> list[RawEvent]:
        """Everything logged, in order of sequence."""
        ...

    @property
    def instants(self) -> list[datetime]:
        """True time of each event, in the same order."""
        ...


def utc_stamp(instant: datetime) -> str:
    """Return an instant as lastUploadDate writes it: UTC with a Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True, kw_only=True)
class ListedPump:
    """A pump in an account, with its uploaded events."""

    pump: Uploading
    now: Callable[[], datetime]
    client_type: str = "mobile_tconnect"
    last_upload: datetime | None = None
    max_date: str | None = None
    min_date: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    """Keys of the pumper answer replaced for this pump, e.g. a placeholder date."""
    _next: int = 0
    _held: list[RawEvent] = field(default_factory=list)
    _days: dict[str, list[RawEvent]] = field(default_factory=dict)
    _clock_changes: list[RawEvent] = field(default_factory=list)
    _settings: dict[str, Any] | None = None

    def upload(
        self,
        until: datetime | None = None,
        *,
        hold_back: Callable[[RawEvent], bool] | None = None,
        at: datetime | None = None,
    ) -> list[RawEvent]:
        """Show the events that were logged until an instant and return them; held-back ones follow with the next upload."""
        pump = self.pump
        end = self._next
        while end < len(pump.events) and (until is None or pump.instants[end] <= until):
            end += 1
        waiting = self._held + pump.events[self._next : end]
        self._next = end
        self._held = [event for event in waiting if hold_back and hold_back(event)]
        delivered = [event for event in waiting if not (hold_back and hold_back(event))]
        for event in delivered:
            self._show(event)
        self.last_upload = at or self.now()
        self._settings = {
            "id": str(uuid5(NAMESPACE_URL, f"settings {pump.serial_number}")),
            "deviceAssignmentId": pump.assignment_id,
            "uploadedTimeStamp": utc_stamp(self.last_upload).removesuffix("Z"),
            "details": deepcopy(pump.settings),
        }
        return delivered

    def _show(self, event: RawEvent) -> None:
        stamp = event["pumpDateTime"]
        self.max_date = max(self.max_date or stamp, stamp)
        self.min_date = min(self.min_date or stamp, stamp)
        if event["eventCode"] in CLOCK_CHANGES:
            self._clock_changes.append(event)
        self._days.setdefault(stamp[:10], []).append(event)

    @property
    def held_back(self) -> list[RawEvent]:
        """Events waiting for the next upload."""
        return list(self._held)

    @property
    def clock_changes(self) -> list[RawEvent]:
        """Every uploaded clock move of the device's life."""
        return list(self._clock_changes)

    def between(self, first_day: str, last_day: str) -> list[RawEvent]:
        """Return uploaded events whose pump clock reads from one day to another, in order of sequence."""
        days = [
            events for day, events in self._days.items() if first_day <= day <= last_day
        ]
        chosen = [event for events in days for event in events]
        return sorted(
            chosen, key=lambda event: (event["sequenceGroup"], event["sequenceNumber"])
        )

    def listing(self) -> dict[str, Any]:
        """Return this pump as an entry of pumper's pumps."""
        uploaded = self.last_upload is not None
        return {
            **self.pump.about,
            "assignmentId": self.pump.assignment_id,
            "serialNumber": self.pump.serial_number,
            "availableDataRange": {"start": self.min_date, "end": self.max_date},
            "lastUploadDate": utc_stamp(self.last_upload) if self.last_upload else None,
            "maxDateOfEvents": self.max_date,
            "lastUploadClientType": self.client_type if uploaded else None,
            "settings": self._settings,
            **self.overrides,
        }


@dataclass(slots=True, kw_only=True)
class Account:
    """Somebody who can sign in, and the pumps they ever had."""

    email: str
    password: str
    now: Callable[[], datetime]
    first_name: str = "Test"
    last_name: str = "User"
    low_limit: int = 70
    high_limit: int = 180
    country: str = "US"
    pumps: list[ListedPump] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)
    """Keys of the pumper answer replaced for this account."""
    looks_after: list[Account] = field(default_factory=list)
    """Whose pumps a guardian or a clinic may see."""
    wears_pump: bool = True
    """Whether the owner is a person whose pumps are listed, with or without any."""
    role: str = "personal_pumper"
    names_persons_in: Literal["id_token", "access_token", "answer"] = "id_token"
    """The place of the list of persons whose pumps the account may see."""

    @property
    def pumper_ids(self) -> list[str]:
        """Identities of all whose pumps the account may see."""
        own = [self.pumper_id] if self.wears_pump else []
        return [*own, *(person.pumper_id for person in self.looks_after)]

    @property
    def named_ids(self) -> list[str]:
        """Identities that its tokens name."""
        if self.names_persons_in == "answer":
            return [self.pumper_id]
        return self.pumper_ids

    def person(self, pumper_id: str) -> Account | None:
        """Return the account whose pumps are meant, where this one may see them."""
        seen = [self, *self.looks_after] if self.wears_pump else self.looks_after
        return next((one for one in seen if one.pumper_id == pumper_id), None)

    def about(self) -> dict[str, Any]:
        """Return the kind of the account."""
        serials = [listed.pump.serial_number for listed in self.pumps]
        devices = [{"serialNumber": number} for number in serials]
        return {"devices": devices, "account": {"role": self.role}}

    def list_of_persons(self) -> dict[str, Any]:
        """Return the answer about an owner who has no pump, which lists others instead."""
        return {
            "firstName": self.first_name,
            "pumpers": [
                {"pumperId": one.pumper_id, "firstName": one.first_name}
                for one in self.looks_after
            ],
        }

    @property
    def account_id(self) -> str:
        """Identity of the account, which outlives a changed email address or password."""
        return str(uuid5(NAMESPACE_URL, f"account {self.email}"))

    @property
    def pumper_id(self) -> str:
        """Identity of the person who wears the pumps."""
        return str(uuid5(NAMESPACE_URL, f"pumper {self.email}"))

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    def add_pump(self, pump: Uploading, **overrides: Any) -> ListedPump:
        """List a pump; nothing of it is seen before its first upload."""
        listed = ListedPump(pump=pump, now=self.now, overrides=overrides)
        self.pumps.append(listed)
        return listed

    def pumper(self) -> dict[str, Any]:
        """Return the pumper answer."""
        return {
            "firstName": self.first_name,
            "lastName": self.last_name,
            "name": self.name,
            "dateOfBirth": "1990-01-01",
            "lowGlucoseThreshold": self.low_limit,
            "highGlucoseThreshold": self.high_limit,
            "country": self.country,
            "pumps": [listed.listing() for listed in self.pumps],
            **self.overrides,
        }
