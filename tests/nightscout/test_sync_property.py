"""In any order, with any failures and crashes: after one undisturbed sync the site has the wanted documents."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
from hypothesis import HealthCheck, example, given, settings, strategies as st
import pytest

from custom_components.tconnectsync.nightscout.client import NightscoutClient
from custom_components.tconnectsync.nightscout.document import Document
from custom_components.tconnectsync.nightscout.identifiers import Collection
from custom_components.tconnectsync.nightscout.ledger import UNCONFIRMED_WINDOW
from custom_components.tconnectsync.nightscout.sync import SyncResult
from demo.nightscout import SimulatedNightscout
from demo.nightscout.kinds import Version

from .records import DAY
from .site import EVERYTHING, SECRET, Crash, Writer, by_day
from .sync_lives import (
    DAYS,
    EDITS,
    FAULTS,
    Break,
    BreakingClient,
    Edit,
    Round,
    State,
    document,
    documents,
    lives,
    lives_beside,
    lives_by_odd_clocks,
)

THERE = {0: State(minutes=90, event_type="Note", value=1)}
NEXT_DAY = {0: State(minutes=24 * 60 + 1, event_type="Note", value=1)}
ALWAYS = {
    10 * number + kind: State(minutes=minutes, event_type="Note", value=1)
    for number, minutes in enumerate([5, 23 * 60 + 59, 24 * 60 + 1, 30 * 60], start=10)
    for kind in (0, 1)
}
"""Alerts and boluses that never change on the pump."""
NEVER = datetime.max.replace(tzinfo=UTC)


async def somebody_else_writes(client: NightscoutClient) -> None:
    """Write documents that must not be touched."""
    at = f"{DAY}T05:00:00.000Z"
    for collection, body in (
        (
            Collection.TREATMENTS,
            {"eventType": "Note", "created_at": at, "notes": "mine"},
        ),
        (Collection.ENTRIES, {"type": "sgv", "dateString": at, "date": 0, "sgv": 100}),
        (Collection.DEVICE_STATUS, {"created_at": at, "device": "phone"}),
    ):
        await client.write(collection, [body])


def strangers(server: SimulatedNightscout) -> list[dict[str, Any]]:
    """Return the documents of others."""
    return [
        one
        for collection in ("treatments", "entries", "devicestatus")
        for one in server.documents(collection)
        if one.get("app") != "tconnectsync"
    ]


def treatments(server: SimulatedNightscout) -> dict[str, list[dict[str, Any]]]:
    """Return the treatments on the site by identifier."""
    held: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in server.documents("treatments"):
        held[str(one.get("identifier"))].append(one)
    return held


class Compared(StrEnum):
    """The days that a sync compares."""

    ALL = "all days"
    CHANGED = "changed days"
    EACH = "each day by itself"
    EACH_BACKWARDS = "each day by itself, the last one first"


class Process:
    """A writer that compares all days, or only those not known to be in sync."""

    def __init__(
        self, writer: Writer, client: BreakingClient, compared: Compared
    ) -> None:
        """Start with an empty ledger."""
        self.writer = writer
        self._client = client
        self._compared = compared
        self._in_step: dict[date, set[str]] = {}
        self._off = frozenset[Any]()

    async def go_through(self, one: Round) -> None:
        """Sync once, with faults."""
        writer, client = self.writer, self._client
        if one.fault is not None:
            writer.server.faults.add(replace(FAULTS[one.fault], skip=one.skip))
        writer.files.saves = client.asked = 0
        writer.files.crash_before = one.crash_before
        writer.files.crash_after = one.crash_after
        client.breaks = one.breaks
        try:
            await self.sync(documents(one.wanted, one.off), one.off)
        except Crash:
            self.restart()
        client.breaks = {}
        writer.server.faults.clear()
        writer.files.crash_before = writer.files.crash_after = None
        if one.loses:
            await client.carry_out_late(NEVER)
            for day in one.loses:
                writer.files.texts.pop(day, None)

    async def sync(
        self, wanted: list[Document], off: frozenset[Any] = frozenset()
    ) -> list[SyncResult]:
        """Sync the days not known to be in sync; return the result."""
        if off != self._off:
            self.restart()
        self._off = off
        hashes = {
            day: {one.hash for one in of_day}
            for day, of_day in by_day(wanted, DAYS).items()
        }
        days = [
            day
            for day, of_day in hashes.items()
            if self._compared is Compared.ALL or self._in_step.get(day) != of_day
        ]
        if self._compared in (Compared.ALL, Compared.CHANGED):
            together = [days] if days else []
        else:
            backwards = self._compared is Compared.EACH_BACKWARDS
            together = [[day] for day in sorted(days, reverse=backwards)]
        for day in days:
            self._in_step.pop(day, None)
        results = []
        for some in together:
            result = await self.writer.hold(
                [one for one in wanted if one.day in some],
                days=some,
                features=EVERYTHING - off,
            )
            if result.error is None and not result.pending:
                in_step = set(some) - result.unconfirmed_days
                self._in_step |= {day: hashes[day] for day in in_step}
            results.append(result)
        return results

    def restart(self) -> None:
        """Forget everything that is not on disk."""
        self.writer.restart()
        self._in_step.clear()


async def live_through(
    version: Version,
    history: list[Round],
    freezer: FrozenDateTimeFactory,
    compared: Compared,
    edits: Mapping[int, Edit] | None = None,
) -> None:
    """Run all rounds, then sync once undisturbed.

    Permanent records are edited by hand before the first round.
    """
    server = SimulatedNightscout(api_secret=SECRET, version=version, refusal_delay=0)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            client = BreakingClient(session, server.url, SECRET)
            writer = Writer(server, client)
            process = Process(writer, client, compared)
            await somebody_else_writes(client)
            untouched = strangers(server)
            edits = edits or {}
            if edits:
                await process.sync(documents(ALWAYS))
            for number, edit in edits.items():
                edit.carry_out(writer, document(number, ALWAYS[number]))
            edited = treatments(server)
            for one in history:
                later = timedelta(minutes=one.minutes)
                await client.carry_out_late(datetime.now(UTC) + later)
                freezer.tick(later)
                await process.go_through(one)
            await client.carry_out_late(NEVER)
            freezer.tick(UNCONFIRMED_WINDOW)
            wanted = documents(history[-1].wanted)
            for result in await process.sync(wanted):
                assert (result.pending, result.error) == (0, None)
                assert result.unconfirmed_days == frozenset()
            held = treatments(server)
            as_edited = {
                name
                for number, state in ALWAYS.items()
                if number in edits
                and history[-1].wanted[number] == state
                and held.get(name := document(number, state).identifier)
                == edited.get(name)
            }
            never_told = {
                document(number, state).identifier
                for number, state in ALWAYS.items()
                if number in edits
                and all(one.wanted[number] == state for one in history)
            }
            assert never_told <= as_edited
            assert writer.is_right(
                (one for one in wanted if one.identifier not in as_edited),
                but=as_edited,
            )
            assert strangers(server) == untouched
            writes = server.counters.total()
            again = await writer.hold(wanted, days=DAYS)
            assert again.pending == 0
            assert server.counters.total() == writes
    finally:
        await server.stop()


@pytest.mark.parametrize("compared", [Compared.ALL, Compared.CHANGED])
@pytest.mark.parametrize("version", ["15.0.6", "15.0.7"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=lives())
@example(
    history=[
        Round(wanted=THERE),
        Round(wanted={}, breaks={1: (Break.DIES_AFTER, 0)}),
        Round(wanted=THERE),
    ]
).via("a removal that nobody took note of")
@example(
    history=[
        Round(wanted=THERE),
        Round(wanted={}, breaks={1: (Break.DIES_LATE, 1)}),
        Round(wanted=THERE),
        Round(wanted=NEXT_DAY),
    ]
).via("a removal that comes when what it takes is wanted again")
@example(
    history=[
        Round(wanted=THERE),
        Round(wanted=NEXT_DAY, breaks={0: (Break.LATE, 12)}),
        Round(wanted=THERE),
    ]
).via("a write that comes when its document is back on another day")
@example(
    history=[
        Round(wanted={1: THERE[0], 6: NEXT_DAY[0]}),
        Round(
            wanted={1: NEXT_DAY[0]},
            breaks={5: (Break.DIES_BEFORE, 0)},
            loses=frozenset({DAY}),
        ),
    ]
).via("a day that is forgotten after what was on it moved to one that is in doubt")
def test_one_undisturbed_sync_sets_everything_right(
    version: Version,
    freezer: FrozenDateTimeFactory,
    compared: Compared,
    history: list[Round],
) -> None:
    """Nothing is lost or doubled, and documents of others stay untouched."""
    asyncio.run(live_through(version, history, freezer, compared))


@pytest.mark.parametrize("version", ["15.0.6", "15.0.7"])
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=lives_beside(ALWAYS),
    edits=st.dictionaries(st.sampled_from(sorted(ALWAYS)), EDITS, min_size=1),
    compared=st.sampled_from([Compared.ALL, Compared.CHANGED]),
)
def test_what_a_person_edited_stays_until_the_pump_tells_otherwise(
    version: Version,
    freezer: FrozenDateTimeFactory,
    compared: Compared,
    history: list[Round],
    edits: dict[int, Edit],
) -> None:
    """With any faults of other documents it stays; after a change on the pump the pump's version is there once."""
    asyncio.run(live_through(version, history, freezer, compared, edits))


@pytest.mark.parametrize(
    "compared", [Compared.CHANGED, Compared.EACH, Compared.EACH_BACKWARDS]
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=lives_by_odd_clocks())
def test_a_clock_that_is_days_wrong_loses_nothing(
    freezer: FrozenDateTimeFactory, compared: Compared, history: list[Round]
) -> None:
    """For any days compared together, a document stays on the day of its own clock."""
    asyncio.run(live_through("15.0.7", history, freezer, compared))
