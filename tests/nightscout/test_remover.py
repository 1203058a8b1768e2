"""Interrupted removals: a document that is wanted again by then is sent again."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.documents import documents
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from demo.nightscout.faults import Fault, late_request

from .records import DAY, PUMP, bolus, history, utc, wall
from .site import EVERYTHING, Crash, Writer

DAY_BEFORE = DAY - timedelta(days=1)
DAYS = (DAY_BEFORE, DAY)


def boluses(number: int) -> list[Document]:
    """Return this many boluses, one an hour."""
    return documents(
        history(boluses=[bolus(f"{n:02}:30:00", 1.0, 10 * n) for n in range(number)]),
        PUMP,
        EVERYTHING,
    )


def over_midnight(*, starts_before: bool) -> list[Document]:
    """Return a bolus that started before or after midnight."""
    one = bolus("00:01:00", 2.0, 50)
    if starts_before:
        one = replace(
            one,
            start=utc("23:59:00", DAY_BEFORE),
            pump_time=wall("23:59:00", DAY_BEFORE),
        )
    return documents(history(boluses=[one]), PUMP, EVERYTHING)


class TestStoppedHalfWay:
    """A document that is no longer on the site must not count as sent."""

    async def test_by_a_crash(self, writer: Writer) -> None:
        """The process crashes between a removal and saving its result."""
        await writer.hold(boluses(3))
        writer.files.crash_before = writer.files.saves + 2
        with pytest.raises(Crash):
            await writer.hold(boluses(2))
        writer.restart()
        assert len(writer.held()) == 2
        assert (await writer.hold(boluses(3))).pending == 0
        assert writer.is_right(boluses(3))

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(status=500, body="<html></html>"),
            Fault(status=200, body="<html></html>"),
            Fault(status=500, body="<html></html>", carried_out=True),
            Fault(status=401, body="<html></html>", carried_out=True),
            Fault(cut=True),
        ],
        ids=["fails", "no JSON", "fails after all", "refused after all", "cut"],
    )
    @pytest.mark.parametrize("skip", [0, 1])
    async def test_by_an_error(self, writer: Writer, fault: Fault, skip: int) -> None:
        """The error happens at the first of several removals, or at a later one."""
        await writer.hold(boluses(4))
        fault = replace(fault, method="DELETE", times=2, skip=skip)
        writer.server.faults.add(fault)
        assert (await writer.hold(boluses(1))).pending == 3
        writer.server.faults.clear()
        writer.restart()
        assert (await writer.hold(boluses(4))).pending == 0
        assert writer.is_right(boluses(4))

    async def test_by_an_end_while_it_is_under_way(
        self, writer: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """The removal may be carried out after the next start."""
        await writer.hold(boluses(3))
        late = writer.server.faults.add(late_request())
        late.method = "DELETE"
        removing = asyncio.create_task(writer.hold(boluses(2)))
        while late.times:
            await asyncio.sleep(0)
        removing.cancel()
        with suppress(asyncio.CancelledError):
            await removing
        writer.restart()
        assert (await writer.hold(boluses(3))).unconfirmed_days == {DAY}
        await writer.carry_out(late)
        assert len(writer.held()) == 2
        freezer.tick(UNCONFIRMED_WINDOW)
        assert (await writer.hold(boluses(3))).unconfirmed_days == frozenset()
        assert writer.is_right(boluses(3))


class TestAnotherDay:
    """The start of a document moves over midnight while a request got no answer."""

    async def test_a_late_write_takes_it_from_its_day(
        self, writer: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """The document has to be looked up on both days."""
        before = over_midnight(starts_before=True)
        after = over_midnight(starts_before=False)
        await writer.hold(before, days=DAYS)
        late = writer.server.faults.add(late_request())
        late.method = "POST"
        assert (await writer.hold(after, days=DAYS)).unconfirmed_days == set(DAYS)
        await writer.hold(before, days=DAYS)
        await writer.carry_out(late)
        assert not writer.is_right(before)
        freezer.tick(UNCONFIRMED_WINDOW)
        await writer.hold(before, days=DAYS)
        assert writer.is_right(before)

    async def test_a_late_removal_takes_it_from_its_new_day(
        self, writer: Writer, freezer: FrozenDateTimeFactory
    ) -> None:
        """A document that the site moves in place keeps the `_id` by which it is removed."""
        before = over_midnight(starts_before=True)
        after = over_midnight(starts_before=False)
        await writer.hold(before, days=DAYS)
        late = writer.server.faults.add(late_request(times=2))
        late.method = "DELETE"
        assert (await writer.hold([], days=DAYS)).unconfirmed_days == {DAY_BEFORE}
        assert (await writer.hold(after, days=DAYS)).unconfirmed_days == set(DAYS)
        await writer.carry_out(late)
        freezer.tick(UNCONFIRMED_WINDOW)
        await writer.hold(after, days=DAYS)
        assert writer.is_right(after)
