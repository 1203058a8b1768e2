"""Plan the month: a pump, the uploads of its phone, and the events that arrive late or again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from demo.pump import RawEvent, SimulatedPump
from demo.tandem import Account, ListedPump, SimulatedTandem, upload_instants

EMAIL = "Grace.Hopper+soak@example.org"
PASSWORD = "sesame, open wide"
FIRST_NAME, LAST_NAME = "Grace", "Hopper"
BIRTHDAY = "1990-01-01"
SERIAL_NUMBER = "90817263"
TIME_ZONE = "Australia/Adelaide"
"""Half an hour off the others."""
LATE, REPEATED = 0.25, 0.1
"""How many uploads leave something out, and how many are made a second time."""
AGAIN = timedelta(minutes=3)
LATEST = timedelta(days=20)
LOOKED_FOR = timedelta(days=27)
"""Late data is looked for so far back, by the real clock, which the month outruns."""
JOURNEY = timedelta(hours=2)
"""How far the clock is set ahead for the second quarter of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The events that arrive at once."""

    at: datetime
    late: frozenset[tuple[int, int]]
    """The places in the log of the events that the phone holds back until a later upload."""


class Month:
    """A life and its uploads, the same for the same seed."""

    def __init__(self, *, seed: int, end: datetime, days: float) -> None:
        """Run the pump for some days until the end."""
        self.end = end
        self.pump = SimulatedPump(
            start=end - timedelta(days=days),
            time_zone=ZoneInfo(TIME_ZONE),
            serial_number=SERIAL_NUMBER,
            seed=seed,
        )
        self._chance = Random(f"{seed}:month")
        start, quarter = self.pump.now, timedelta(days=days / 4)
        self.pump.run_until(start + quarter)
        self.pump.move_clock(JOURNEY)
        self.pump.run_until(start + 2 * quarter)
        self.pump.move_clock(-JOURNEY)
        self.pump.run_until(end)
        self.uploads = self._planned(list(upload_instants(start, end, seed=seed)))

    def account(self, tandem: SimulatedTandem) -> ListedPump:
        """Add the person with the pump to a Tandem Source."""
        account: Account = tandem.add_account(
            EMAIL, PASSWORD, first_name=FIRST_NAME, last_name=LAST_NAME
        )
        return account.add_pump(self.pump)

    def rounds(self, a_day: int) -> list[list[int]]:
        """Return the uploads after which to sync, some each day, by day; the last upload is left out."""
        days: dict[date, list[int]] = {}
        for number, upload in enumerate(self.uploads[:-1]):
            days.setdefault(upload.at.date(), []).append(number)
        return [
            [numbers[-(-len(numbers) * n // a_day) - 1] for n in range(1, a_day + 1)]
            if len(numbers) >= a_day
            else numbers
            for numbers in days.values()
        ]

    def deliver(self, listed: ListedPump, number: int) -> None:
        """Make one upload visible; the last one brings all there is."""
        upload = self.uploads[number]
        listed.upload(
            upload.at, hold_back=lambda one: _place(one) in upload.late, at=upload.at
        )

    def _planned(self, instants: list[datetime]) -> list[Upload]:
        """Choose for each late event the upload that contains it."""
        chance = self._chance
        again = [at + AGAIN for at in instants if chance.random() < REPEATED]
        due: dict[tuple[int, int], datetime] = {}
        done = 0
        uploads = []
        for at in sorted([*instants, *again]):
            first, done = done, self._logged(done, at)
            fresh = [_place(event) for event in self.pump.events[first:done]]
            if chance.random() < LATE and at > self.end - LOOKED_FOR:
                comes = at + LATEST * chance.random() ** 4
                due |= dict.fromkeys(self._some(fresh), comes)
            due = {place: comes for place, comes in due.items() if comes > at}
            uploads.append(Upload(at=at, late=frozenset(due)))
        uploads.append(Upload(at=self.end, late=frozenset()))
        return uploads

    def _logged(self, number: int, at: datetime) -> int:
        """Return how many events there are up to an instant."""
        while number < len(self.pump.events) and self.pump.instants[number] <= at:
            number += 1
        return number

    def _some(self, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return a span of the log, or events here and there."""
        if self._chance.random() < 0.5:
            begin = self._chance.randrange(max(1, len(places)))
            return places[begin : begin + self._chance.randrange(1, 40)]
        return [place for place in places if self._chance.random() < 0.3]


def _place(event: RawEvent) -> tuple[int, int]:
    return event["sequenceGroup"], event["sequenceNumber"]
