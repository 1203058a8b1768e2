"""Documents of a pump whose clock is days wrong, or has an offset of no zone, stay on the site."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.ledger import Covered
from custom_components.tconnectsync.nightscout.stored_document import StoredDocument
from custom_components.tconnectsync.nightscout.written_by_cli import not_covered
from demo.nightscout.faults import lost_request

from .records import DAY, PUMP, history, insulin_on_board, reading, segment
from .site import EVERYTHING, Writer, by_day

NEXT_DAY = DAY + timedelta(days=1)
ODD = [
    timedelta(hours=-23),
    timedelta(hours=25),
    timedelta(hours=-22),
    timedelta(hours=26),
    -timedelta(hours=4, minutes=13, seconds=7),
]


def rates(
    offset: timedelta, day: date, hours: Sequence[int], first_number: int
) -> list[Document]:
    """Return rates at some hours of a day, by a clock that is this far ahead of UTC."""
    shown = [datetime.combine(day, time(hour)) for hour in hours]
    basal = [
        replace(
            segment("00:00:00", "00:01:00", 1.0, first_number + number),
            start=(at - offset).replace(tzinfo=UTC),
            end=(at - offset).replace(tzinfo=UTC) + timedelta(minutes=30),
            pump_time=at,
        )
        for number, at in enumerate(shown)
    ]
    return documents(history(basal=basal), PUMP, EVERYTHING)


@pytest.mark.parametrize("offset", [*ODD, timedelta(days=-40)], ids=str)
class TestDaysOfAnOddClock:
    """Each document belongs to the day on the pump's clock."""

    async def test_a_day_read_back_alone(
        self, writer: Writer, offset: timedelta
    ) -> None:
        """After a write without an answer the neighbouring day keeps everything."""
        before, after = (
            rates(offset, DAY, range(24), 1),
            rates(offset, NEXT_DAY, range(3), 100),
        )
        assert {one.day for one in before} == {DAY}
        await writer.hold(before + after)
        after = rates(offset, NEXT_DAY, range(4), 100)
        fault = lost_request("treatments", times=2)
        fault.method = "POST"
        writer.server.faults.add(fault)
        assert (await writer.hold(after)).unconfirmed_days == {NEXT_DAY}
        writer.server.faults.clear()
        assert (await writer.hold(after)).removed == 0
        assert writer.is_right(before + after)

    @pytest.mark.parametrize("backwards", [False, True])
    async def test_days_sent_one_by_one(
        self, writer: Writer, offset: timedelta, backwards: bool
    ) -> None:
        """The ledger of a day does not need those of its neighbours."""
        days = [
            rates(offset, DAY, range(24), 1),
            rates(offset, NEXT_DAY, range(24), 100),
        ]
        for of_day in reversed(days) if backwards else days:
            assert (await writer.hold(of_day)).removed == 0
        assert writer.is_right(days[0] + days[1])

    def test_every_collection_tells_the_clock(self, offset: timedelta) -> None:
        """Readings, device statuses and the rest of a cut rate have it, too."""
        at = datetime.combine(DAY, time(23))
        odd: dict[str, Any] = {
            "pump_time": at,
            "start": (at - offset).replace(tzinfo=UTC),
        }
        made = documents(
            history(
                readings=[replace(reading("00:00:00", 7, 120), **odd)],
                insulin_on_board=[replace(insulin_on_board("00:00:00", 8, 1.0), **odd)],
            ),
            PUMP,
            EVERYTHING,
        )
        rate = rates(offset, DAY, range(1), 1)[0]
        covered = Covered(rate.start + timedelta(minutes=10), frozenset())
        left = not_covered(rate, covered)
        assert left
        made.append(left)
        assert len(made) == 3
        for one in made:
            found = StoredDocument.from_json(one.body | {"_id": "0" * 24})
            assert found
            assert found.day == one.day == DAY
            assert one.body["pump_time"][:10] == DAY.isoformat()


@pytest.mark.parametrize("offset", ODD, ids=str)
async def test_what_an_earlier_version_wrote(writer: Writer, offset: timedelta) -> None:
    """A document without the clock's time is found under another day and assigned to its own."""
    earlier = [_without_the_clock(one) for one in rates(offset, DAY, range(24), 1)]
    await writer.hold(earlier)
    for day in (DAY - timedelta(days=1), NEXT_DAY):
        plan = await writer.sync.plan(by_day([], [day]), EVERYTHING, {})
        assert plan.size == 0
        assert (await writer.hold([], days=[day])).pending == 0
    assert writer.is_right(earlier)
    now = rates(offset, DAY, range(24), 1)
    await writer.hold(now)
    assert writer.is_right(now)


async def test_what_moves_to_the_day_before(writer: Writer) -> None:
    """With another offset it is the same instant, and the other day does not remove it."""
    await writer.hold(rates(timedelta(hours=1), NEXT_DAY, [0], 1))
    moved = rates(timedelta(), DAY, [23], 1)
    await writer.hold(moved)
    assert writer.is_right(moved)
    assert (await writer.hold([], days=[NEXT_DAY])).pending == 0
    assert writer.is_right(moved)


def test_a_right_clock_is_told_by_the_instant_alone() -> None:
    """Documents of a clock in any zone stay as they were."""
    for offset in (timedelta(hours=-12), timedelta(hours=5, minutes=45)):
        for one in rates(offset, DAY, range(2), 1):
            assert "pump_time" not in one.body


def _without_the_clock(document: Document) -> Document:
    body = {name: of for name, of in document.body.items() if name != "pump_time"}
    return replace(document, body=body | {"tconnectsync_hash": "0" * 16})
